// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/codes.hpp"

#include <algorithm>

namespace factord::tests::model {
namespace {

std::int64_t step_at(const Factor& factor, Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count() / factor.parameters.period;
}

std::string digits_of(const Factor& factor, std::int64_t step) {
  return otp::code_at(factor.seed, static_cast<std::uint64_t>(step), factor.parameters);
}

std::string digits_without_meaning(Dice& dice) {
  std::string digits;
  for (std::uint64_t left = dice.percent(80) ? 6 : 1 + dice.below(10); left > 0; --left)
    digits += static_cast<char>('0' + dice.below(10));
  return digits;
}

// With blanks between and around, as people type what is shown in groups.
std::string typed(Dice& dice, const std::string& digits) {
  if (dice.percent(80)) return digits;
  std::string typed = dice.percent(50) ? " " : "\t";
  for (const char digit : digits) {
    typed += digit;
    if (dice.percent(30)) typed += dice.one_of<std::string>({" ", "  ", "\t", "\xc2\xa0"});
  }
  return typed;
}

Code code_of(Dice& dice, const Factor& factor, std::int64_t now) {
  std::int64_t step = now + dice.one_of<std::int64_t>({0, 0, 0, 0, -1, -1, 1, 1, -2, 2, -3, 3, 20, -20});
  std::string words = "the code of its step " + std::to_string(step - now);
  if (factor.last_step && dice.percent(20)) {
    step = static_cast<std::int64_t>(*factor.last_step) - (dice.percent(70) ? 0 : 1);
    words = "a spent code";
  }
  const std::string digits = digits_of(factor, std::max<std::int64_t>(step, 0));
  return {typed(dice, digits), digits, words};
}

}  // namespace

Code code_for(Episode& episode, std::size_t user, const std::string& factor_id) {
  Dice& dice = episode.dice();
  for (const User& whose : episode.world().users)
    for (const Factor& factor : whose.factors)
      if (factor.id == factor_id && factor.kind == Kind::totp && dice.percent(85)) {
        Code code = code_of(dice, factor, step_at(factor, episode.world().now));
        if (&whose != &episode.world().user(user)) code.words += " of another's";
        return code;
      }
  const std::string digits = digits_without_meaning(dice);
  return {typed(dice, digits), digits, "'" + digits + "'"};
}

bool is_spent(const User& user, const Factor& factor, std::int64_t step) {
  return std::ranges::any_of(user.factors, [&](const Factor& any) {
    const bool same = any.seed == factor.seed && any.parameters.period == factor.parameters.period &&
                      any.parameters.algorithm == factor.parameters.algorithm;
    return same && any.last_step && step <= static_cast<std::int64_t>(*any.last_step);
  });
}

// The present step goes before all others, and of these the earliest.
std::optional<std::uint64_t> step_of(const User& user, const Factor& factor, const Code& code, Time now, Reach reach) {
  const std::int64_t present = step_at(factor, now);
  const auto skew = static_cast<std::int64_t>(reach.skew);
  const auto good = [&](std::int64_t step) {
    const bool within = step >= present + reach.shift - skew && step <= present + reach.shift + skew;
    return within && step >= 0 && !is_spent(user, factor, step) && digits_of(factor, step) == code.digits;
  };
  if (good(present)) return static_cast<std::uint64_t>(present);
  for (std::int64_t step = present - 2 * skew; step <= present + 2 * skew; ++step)
    if (good(step)) return static_cast<std::uint64_t>(step);
  return std::nullopt;
}

int drift_of(const Factor& factor, unsigned skew) {
  if (factor.uses == 0 || !factor.last_step) return 0;
  const auto limit = static_cast<std::int64_t>(skew);
  const auto off = static_cast<std::int64_t>(*factor.last_step) - step_at(factor, factor.last_used);
  return static_cast<int>(std::clamp(off, -limit, limit));
}

}  // namespace factord::tests::model
