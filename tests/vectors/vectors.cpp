// SPDX-License-Identifier: Apache-2.0
// vectors FILE…: judges the cases of each file, one JSON line a case, then a line with the sums.
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>

#include "tests/vectors/judge.hpp"
#include "tests/vectors/placement.hpp"

namespace {

using namespace factord::vectors;

struct Sums {
  int passed = 0;
  int failed = 0;
};

bool is_ceremony(const Json& vector) {
  return vector.at("kind") == "registration" || vector.at("kind") == "authentication";
}

Judgement judge(const Json& vector) {
  static const std::map<std::string, Judgement (*)(const Json&)> judges{{"registration", judge_registration},
                                                                        {"authentication", judge_authentication},
                                                                        {"signature", judge_signature},
                                                                        {"hotp", judge_hotp},
                                                                        {"totp", judge_totp},
                                                                        {"base32", judge_base32},
                                                                        {"uri", judge_uri},
                                                                        {"build", judge_build},
                                                                        {"verify", judge_verify}};
  const auto found = judges.find(vector.at("kind"));
  if (found == judges.end()) throw std::runtime_error("a case of unknown kind");
  return found->second(vector);
}

// Codes and sequences carry what they expect within; the case as a whole is expected to hold.
std::string expectation(const Json& vector) {
  std::string expected = vector.value("expected", "ok");
  if (expected != "ok" && expected != "reject" && expected != "policy")
    throw std::runtime_error("a case that expects none of ok, reject, policy");
  return expected;
}

struct Outcome {
  Judgement judgement;
  bool passed = false;
};

Outcome compared(const Json& vector, Judgement judgement) {
  const std::string expected = expectation(vector);
  if (expected == "policy") return {std::move(judgement), true};
  if (judgement.ok || expected == "ok") return {std::move(judgement), judgement.ok == (expected == "ok")};
  const Placement placement = is_ceremony(vector) ? place(vector, judgement) : Placement{};
  if (!placement.remark.empty()) judgement.reason += "; " + placement.remark;
  return {std::move(judgement), !placement.late};
}

// A case that cannot be judged fails by itself; the others of its file are good.
Outcome run_case(const Json& vector) try {
  return compared(vector, judge(vector));
} catch (const std::exception& error) {
  return {rejected("-", std::string("not judged: ") + error.what()), false};
}

std::string text_member(const Json& vector, const char* name, std::string otherwise) {
  const bool there = vector.is_object() && vector.contains(name) && vector.at(name).is_string();
  return there ? vector.at(name).get<std::string>() : std::move(otherwise);
}

void write_line(const Json& vector, const Judgement& judgement) {
  const nlohmann::ordered_json line{{"id", text_member(vector, "id", "")},
                                    {"expected", text_member(vector, "expected", "ok")},
                                    {"verdict", judgement.ok ? "ok" : "reject"},
                                    {"step", judgement.step},
                                    {"reason", judgement.reason}};
  std::cout << line.dump() << '\n';
}

// Whole, so that a file broken at its end is found before its first case is judged.
Json read_file(const std::string& name) try {
  std::ifstream in(name);
  if (!in) throw std::runtime_error("cannot be read");
  Json cases = Json::parse(in);
  if (!cases.is_array()) throw std::runtime_error("is not a JSON array of cases");
  return cases;
} catch (const std::exception& error) {
  throw std::runtime_error(name + ": " + error.what());
}

void run_file(const std::string& name, Sums& sums) {
  const Json cases = read_file(name);
  for (const auto& vector : cases) {
    const Outcome outcome = run_case(vector);
    ++(outcome.passed ? sums.passed : sums.failed);
    write_line(vector, outcome.judgement);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> files(argv + 1, argv + argc);
  if (files.empty()) throw std::runtime_error("usage: vectors FILE...");
  Sums sums;
  for (const auto& file : files) run_file(file, sums);
  std::cout << sums.passed << " passed, " << sums.failed << " failed\n";
  return sums.failed == 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "vectors: " << error.what() << '\n';
  return 2;
}
