// SPDX-License-Identifier: Apache-2.0
#include "daemon/otp/totp.hpp"

#include <algorithm>

#include "core/failure.hpp"
#include "daemon/otp/hmac.hpp"
#include "daemon/otp/written_code.hpp"

namespace factord::otp {
namespace {

bool supported_digits(unsigned digits) { return digits >= 6 && digits <= 8; }

// Dynamic truncation, RFC 4226 section 5.3.
std::uint32_t truncated(core::ByteView tag) {
  const std::size_t offset = tag.back() & 0x0f;
  const std::uint32_t bits = std::uint32_t{tag[offset]} << 24 | std::uint32_t{tag[offset + 1]} << 16 |
                             std::uint32_t{tag[offset + 2]} << 8 | tag[offset + 3];
  return bits & 0x7fffffff;
}

std::string code_of(Hmac& hmac, std::uint64_t counter, unsigned digits) {
  std::string code(digits, '0');
  std::uint32_t rest = truncated(hmac.of(counter));
  for (std::size_t i = digits; i-- > 0; rest /= 10) code[i] = static_cast<char>('0' + rest % 10);
  return code;
}

// The ASCII digits of `code`, or nothing where they are not exactly `digits`.
std::optional<std::string> digits_of(std::string_view code, unsigned digits) {
  std::string found;
  while (!code.empty()) {
    std::size_t taken = blank_in_front(code);
    if (taken == 0) {
      if (code.front() < '0' || code.front() > '9' || found.size() == digits) return std::nullopt;
      found += code.front();
      taken = 1;
    }
    code.remove_prefix(taken);
  }
  if (found.size() != digits) return std::nullopt;
  return found;
}

}  // namespace

bool supported(const Parameters& parameters) {
  return supported_digits(parameters.digits) && parameters.period >= 15 && parameters.period <= 300;
}

bool same_codes(core::ByteView a, core::ByteView b) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
    difference |= unsigned(i < a.size() ? a[i] : 0) ^ unsigned(i < b.size() ? b[i] : 0);
  return difference == 0;
}

std::string code_at(core::ByteView seed, std::uint64_t counter, const Parameters& parameters) {
  if (!supported_digits(parameters.digits)) throw core::Error(core::failure::internal, "TOTP digits out of range");
  Hmac hmac(parameters.algorithm, seed);
  return code_of(hmac, counter, parameters.digits);
}

std::optional<std::uint64_t> matching_step(core::ByteView seed, std::string_view code, std::uint64_t unix_seconds,
                                           const Parameters& parameters, Window window,
                                           std::optional<std::uint64_t> last_used) {
  if (!supported(parameters)) throw core::Error(core::failure::internal, "TOTP parameters out of range");
  const auto given = digits_of(code, parameters.digits);
  if (!given) return std::nullopt;
  Hmac hmac(parameters.algorithm, seed);
  const std::uint64_t present = unix_seconds / parameters.period;
  // No step lies before 1970. With a period of 15 seconds or more no time is so late that the last one overflows.
  const std::uint64_t first = present - std::min<std::uint64_t>(present, std::min(window.back, widest_window));
  const std::uint64_t last = present + std::min(window.forward, widest_window);
  std::optional<std::uint64_t> found;
  for (std::uint64_t step = first; step <= last; ++step) {
    const bool same =
        core::equal_in_constant_time(core::bytes_of(code_of(hmac, step, parameters.digits)), core::bytes_of(*given));
    const bool spent = last_used && step <= *last_used;
    if (same && !spent && (!found || step == present)) found = step;
  }
  return found;
}

std::optional<std::uint64_t> matching_step(core::ByteView seed, std::string_view code, std::uint64_t unix_seconds,
                                           const Parameters& parameters, unsigned skew,
                                           std::optional<std::uint64_t> last_used) {
  return matching_step(seed, code, unix_seconds, parameters, Window{skew, skew}, last_used);
}

}  // namespace factord::otp
