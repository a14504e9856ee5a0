// SPDX-License-Identifier: Apache-2.0
// A seed that is read is written with the very characters it was read from, but for bits that were left over.
#include "core/base32.hpp"
#include "tests/fuzz/oracle.hpp"

namespace factord::fuzz {
namespace {

std::string letters_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= 'a' && c <= 'z') out += static_cast<char>(c - 'a' + 'A');
    if ((c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7')) out += c;
  }
  return out;
}

core::Bytes written(const core::Secret& seed) {
  core::Bytes out(core::base32_size(seed.size()));
  core::write_upper_base32(seed.view(), out);
  return out;
}

void check(const core::Secret& seed, std::string_view text) {
  const std::string letters = letters_of(text);
  const core::Bytes again = written(seed);
  promise(!seed.empty() && seed.size() == letters.size() * 5 / 8, "five bits of each letter");
  promise(again.size() == letters.size(), "as many letters are written as were read");
  promise(std::equal(again.begin(), again.end() - 1, letters.begin()), "the letters are the same");
  const auto reread = core::read_base32_seed(core::text_of(again));
  promise(reread && same(reread->view(), seed.view()), "what is written is read the same");
}

}  // namespace
}  // namespace factord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = factord::core::text_of({data, size});
  if (const auto seed = factord::core::read_base32_seed(text)) factord::fuzz::check(*seed, text);
  return 0;
}
