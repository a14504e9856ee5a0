// SPDX-License-Identifier: Apache-2.0
#include "core/base32.hpp"

#include <algorithm>
#include <string>

#include "tests/support/catch.hpp"

using namespace factord::core;

namespace {

std::string written(std::string_view text) {
  Bytes out(base32_size(text.size()));
  write_upper_base32(bytes_of(text), out);
  return std::string(text_of(out));
}

std::optional<std::string> read(std::string_view text) {
  const auto seed = read_base32_seed(text);
  if (!seed) return std::nullopt;
  return std::string(seed->text());
}

}  // namespace

TEST_CASE("base32 writes the examples of RFC 4648 without padding, in either case") {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "MY"},
                                                          {"fo", "MZXQ"},
                                                          {"foo", "MZXW6"},
                                                          {"foob", "MZXW6YQ"},
                                                          {"fooba", "MZXW6YTB"},
                                                          {"foobar", "MZXW6YTBOI"}};
  for (const auto& [plain, encoded] : examples) {
    CHECK(written(plain) == encoded);
    std::string lower = encoded;
    for (char& c : lower) c = c >= 'A' ? static_cast<char>(c + 32) : c;
    CHECK(to_lower_base32(bytes_of(plain)) == lower);
  }
}

TEST_CASE("a seed reads with full padding and with none") {
  for (auto text : {"MZXW6YTBOI======", "MZXW6YTBOI"}) CHECK(read(text) == "foobar");
  for (auto text : {"MZXW6YQ=", "MZXW6YQ"}) CHECK(read(text) == "foob");
  for (auto text : {"MZXW6===", "MZXW6"}) CHECK(read(text) == "foo");
  for (auto text : {"MZXQ====", "MZXQ"}) CHECK(read(text) == "fo");
  for (auto text : {"MY======", "MY"}) CHECK(read(text) == "f");
  CHECK(read("MZXW6YTB") == "fooba");
}

TEST_CASE("a seed reads in any case, with blanks and dashes anywhere") {
  for (auto text : {"mzxw6ytboi", "MzXw6yTbOi", "MZXW 6YTB OI", " MZXW6YTBOI ", "MZXW-6YTB-OI",
                    "mzxw 6ytb-oi ======", "M Z X W 6 Y T B O I = = = = = ="}) {
    INFO(text);
    CHECK(read(text) == "foobar");
  }
}

TEST_CASE("a seed of any size reads back as it was written") {
  for (std::size_t size = 1; size < 70; ++size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = std::uint8_t(i * 89 + size);
    const auto seed = read_base32_seed(to_lower_base32(bytes));
    REQUIRE(seed.has_value());
    CHECK(std::ranges::equal(seed->view(), bytes));
  }
}

TEST_CASE("left-over bits of a seed are dropped, as in the seeds that providers draw character by character") {
  CHECK(read("MZ") == "f");
  CHECK(read_base32_seed("J3WWIV3PTGJPQV5QAICM").value().size() == 12);
  CHECK(std::ranges::equal(read_base32_seed("FFFFFFFAAAAAABBBBBBB").value().view(),
                           Bytes{0x29, 0x4a, 0x52, 0x94, 0xa0, 0, 0, 0, 0x04, 0x21, 0x08, 0x42}));
}

TEST_CASE("an empty seed is none") {
  for (auto text : {"", " ", "-", "=", "========", "- ="}) {
    INFO(text);
    CHECK_FALSE(read(text).has_value());
  }
}

TEST_CASE("characters outside the alphabet are refused") {
  for (auto text : {"MZXW6YT0", "MZXW6YT1", "MZXW6YT8", "MZXW6YT9", "MZXW6YT\n", "MZXW6YTB\t", "MZXW6YTB\u200b",
                    "MZXW6YT\u0131", "\uff2d\uff39", "MZXW6YT\u017f", "MZXW6YT+", "MZXW_6YT", "MY%3D"}) {
    INFO(text);
    CHECK_FALSE(read(text).has_value());
  }
  CHECK_FALSE(read(std::string_view("MZXW6YTB\0", 9)).has_value());
}

TEST_CASE("lengths that no whole number of bytes has are refused") {
  for (auto text : {"M", "MZX", "MZXW6Y", "MZXW6YTBO", "MZXW6YTBOIA", "MZXW6YTBMZXW6Y"}) {
    INFO(text);
    CHECK_FALSE(read(text).has_value());
  }
}

TEST_CASE("padding that is cut, too long, or inside is refused") {
  for (auto text : {"MY=====", "MY=======", "MY=", "MZXW6YQ==", "MZXW6YTB========", "MZXW6YTB=", "MY======MY======",
                    "MZXW=6YTB", "=MY", "M======Y"}) {
    INFO(text);
    CHECK_FALSE(read(text).has_value());
  }
}
