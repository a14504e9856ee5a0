// SPDX-License-Identifier: Apache-2.0
// vectors FILE…: judges the cases of each file, one JSON line a case, then a line with the sums.
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>

#include "tests/vectors/judge.hpp"

namespace {

using namespace factord::vectors;

struct Sums {
  int passed = 0;
  int failed = 0;
};

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
std::string expectation(const Json& vector) { return vector.value("expected", "ok"); }

void run_case(const Json& vector, Sums& sums) {
  const std::string expected = expectation(vector);
  const Judgement judgement = judge(vector);
  const std::string verdict = judgement.ok ? "ok" : "reject";
  const bool passed = expected == "policy" || expected == verdict;
  ++(passed ? sums.passed : sums.failed);
  const nlohmann::ordered_json line{{"id", vector.at("id")},
                                    {"expected", expected},
                                    {"verdict", verdict},
                                    {"step", judgement.step},
                                    {"reason", judgement.reason}};
  std::cout << line.dump() << '\n';
}

void run_file(const std::string& name, Sums& sums) {
  std::ifstream in(name);
  if (!in) throw std::runtime_error("cannot read " + name);
  for (const auto& vector : Json::parse(in)) run_case(vector, sums);
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
