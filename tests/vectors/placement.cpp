// SPDX-License-Identifier: Apache-2.0
#include "tests/vectors/placement.hpp"

#include <algorithm>
#include <optional>
#include <regex>

namespace factord::vectors {
namespace {

// A ceremony's section, and the steps that sections on formats belong to.
struct Ceremony {
  std::string section;
  int last_reading;  // the last step that takes apart what was sent
  std::optional<int> statement;
  std::optional<int> rp_id_hash;  // where an AppID may stand in
};

const Ceremony& ceremony_of(const Json& vector) {
  static const Ceremony registration{"7.1", 13, 22, std::nullopt};
  static const Ceremony authentication{"7.2", 9, std::nullopt, 15};
  return vector.at("kind") == "registration" ? registration : authentication;
}

// The greatest number in "3", "13-15", "8 or 9". Texts were matched before, so these are numbers of three digits at
// most.
int greatest(const std::string& numbers) {
  static const std::regex number("\\d+");
  int out = 0;
  for (std::sregex_iterator at(numbers.begin(), numbers.end(), number), end; at != end; ++at)
    out = std::max(out, std::stoi(at->str()));
  return out;
}

// "7.1 step 13", "7.1 steps 13-15", but not the 5.8.5 in "7.1 step 13, 5.8.5".
std::optional<int> step_in(const std::string& section, const std::string& text) {
  static const std::string numbers = R"((\d{1,3}(?![.\d])(?:\s*(?:-|,|/|and|or|to)\s*\d{1,3}(?![.\d]))*))";
  const std::regex pattern("(?:^|[^.\\d])" + section + "\\s+steps?\\s+" + numbers);
  std::optional<int> out;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    out = std::max(out.value_or(0), greatest((*at)[1]));
  return out;
}

std::optional<int> bare_step(const std::string& text) {
  static const std::regex pattern("(?:step )?(\\d{1,3})");
  std::smatch found;
  if (!std::regex_match(text, found, pattern)) return std::nullopt;
  return std::stoi(found[1]);
}

// What no step names by number: chapter 8 is the statement's, 10.1.1 the AppID's, 5, 6 and other documents' are
// formats.
std::optional<int> step_of_section(const Ceremony& ceremony, const std::string& text) {
  static const std::regex statement(R"(8(\.\d+)+\b.*)"), appid(R"(10\.1\.1\b.*)"),
      format(R"((?:[56](\.\d+)+|CTAP2|CBOR|COSE|RFC)\b.*)");
  if (std::regex_match(text, statement)) return ceremony.statement;
  if (std::regex_match(text, appid)) return ceremony.rp_id_hash;
  if (std::regex_match(text, format)) return ceremony.last_reading;
  return std::nullopt;
}

std::optional<int> step_number(const Ceremony& ceremony, const Json& step) {
  if (!step.is_string()) return std::nullopt;
  const std::string text = step;
  if (text.size() > 200) return std::nullopt;  // std::regex works by recursion
  if (const auto number = step_in(ceremony.section, text)) return number;
  if (const auto number = bare_step(text)) return number;
  return step_of_section(ceremony, text);
}

struct Exception {
  const char* section;
  int named;
  const char* refused_at;
  const char* reason;  // of the refusal
  const char* why;
};

constexpr Exception exceptions[] = {
    {"7.1", 3, "13", "id is not that of the attested credential",
     "the id inside can be compared with the one outside only once authenticator data is read"}};

const Exception* find_exception(const Ceremony& ceremony, int named, const Judgement& refusal) {
  const auto* found = std::find_if(std::begin(exceptions), std::end(exceptions), [&](const Exception& one) {
    return one.section == ceremony.section && one.named == named && one.refused_at == refusal.step &&
           one.reason == refusal.reason;
  });
  return found == std::end(exceptions) ? nullptr : found;
}

}  // namespace

Placement place(const Json& vector, const Judgement& refusal) {
  if (!vector.contains("step")) return {};
  const Ceremony& ceremony = ceremony_of(vector);
  const auto named = step_number(ceremony, vector.at("step"));
  const auto refused_at = step_number(ceremony, refusal.step);
  if (!named || !refused_at) return {false, "the step that the case names is not understood, so not compared"};
  if (*refused_at <= *named) return {};
  if (const Exception* exception = find_exception(ceremony, *named, refusal))
    return {false, std::string("later than named for a reason: ") + exception->why};
  return {true, "later than the step that the case names: " + vector.at("step").get<std::string>()};
}

}  // namespace factord::vectors
