// SPDX-License-Identifier: Apache-2.0
#include "daemon/otp/written_code.hpp"

#include <algorithm>

#include "core/base32.hpp"

namespace factord::otp {
namespace {

constexpr std::size_t group = 4;
constexpr std::size_t letters = core::base32_size(code_size);
static_assert(letters % group == 0 && written_size == letters + letters / group - 1);

// Besides blanks: what parts the groups, and the end of the line, which files and terminals add.
bool is_skipped(char c) { return c == '-' || c == '\r' || c == '\n'; }

}  // namespace

void write_code(core::ByteView code, std::span<std::uint8_t> out) {
  core::write_lower_base32(code, out);
  // From the end, so that no letter is written over before it has moved.
  for (std::size_t at = letters / group - 1; at > 0; --at) {
    const auto from = out.subspan(at * group, group);
    std::ranges::copy_backward(from, out.begin() + static_cast<std::ptrdiff_t>(at * (group + 1) + group));
    out[at * (group + 1) - 1] = '-';
  }
}

std::optional<core::Secret> read_code(std::string_view text) {
  core::Secret found(letters);
  std::size_t size = 0;
  while (!text.empty()) {
    std::size_t taken = is_skipped(text.front()) ? 1 : blank_in_front(text);
    if (taken == 0) {
      if (size == letters) return std::nullopt;
      found.bytes()[size++] = static_cast<std::uint8_t>(text.front());
      taken = 1;
    }
    text.remove_prefix(taken);
  }
  if (size != letters) return std::nullopt;
  auto code = core::read_base32_seed(found.text());
  // Sixteen characters that are padding in part have fewer bits.
  if (!code || code->size() != code_size) return std::nullopt;
  return code;
}

std::size_t blank_in_front(std::string_view text) {
  if (text.front() == ' ' || text.front() == '\t') return 1;
  if (text.starts_with("\u00a0")) return 2;
  if (text.starts_with("\u202f")) return 3;
  return 0;
}

}  // namespace factord::otp
