// SPDX-License-Identifier: Apache-2.0
// What every fuzz target shares: a promise that ends the program when it is broken, and input that is taken in pieces.
// Each target is one program; the fuzzing engine calls it with bytes of its choice on one thread.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/bytes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace factord::fuzz {

inline void promise(bool kept, const char* what) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

inline bool same(core::ByteView a, core::ByteView b) { return std::ranges::equal(a, b); }

// As many bytes as there are, at most `size`, off the front of `rest`.
inline core::ByteView take(core::ByteView& rest, std::size_t size) {
  const core::ByteView taken = rest.first(std::min(size, rest.size()));
  rest = rest.subspan(taken.size());
  return taken;
}

// A piece with its size before it, in two bytes.
inline core::ByteView take_sized(core::ByteView& rest) {
  std::size_t size = 0;
  for (const std::uint8_t byte : take(rest, 2)) size = size << 8 | byte;
  return take(rest, size);
}

inline core::Bytes with_a_byte_more(core::ByteView bytes) {
  core::Bytes out(bytes.begin(), bytes.end());
  out.push_back(0);
  return out;
}

}  // namespace factord::fuzz
