// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/qr.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/fd.hpp"
#include "tests/support/catch.hpp"

using namespace factord;
using namespace factord::factorctl;

namespace {

constexpr char uri[] =
    "otpauth://totp/factord:alice%40host?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=factord&algorithm=SHA1&digits=6"
    "&period=30";

// One row of modules, '#' for light.
using Rows = std::vector<std::string>;

void add_character(std::string_view character, std::string& upper, std::string& lower) {
  upper += character == "█" || character == "▀" ? '#' : '.';
  lower += character == "█" || character == "▄" ? '#' : '.';
}

Rows modules(std::string_view drawing) {
  Rows rows;
  std::string upper, lower;
  while (!drawing.empty()) {
    const std::size_t size = drawing.starts_with("\xe2") ? 3 : 1;
    if (drawing.front() == '\n') {
      rows.push_back(std::exchange(upper, {}));
      rows.push_back(std::exchange(lower, {}));
    } else {
      add_character(drawing.substr(0, size), upper, lower);
    }
    drawing.remove_prefix(size);
  }
  return rows;
}

}  // namespace

TEST_CASE("a QR code has a quiet zone of four light modules on every side") {
  const auto drawing = qr_code(uri, Ink::plain);
  const Rows rows = modules(drawing.text());
  const std::size_t side = rows.front().size();
  CHECK(rows.size() >= side);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(rows[i] == std::string(side, '#'));
    CHECK(rows[side - 1 - i] == std::string(side, '#'));
  }
  for (const auto& row : rows) {
    CHECK(row.substr(0, 4) == "####");
    CHECK(row.substr(side - 4) == "####");
  }
}

TEST_CASE("colours are set and reset on every line, and the drawing is the same") {
  const auto plain = qr_code(uri, Ink::plain), coloured = qr_code(uri, Ink::colours);
  std::string without(coloured.text());
  std::size_t lines = 0;
  for (std::size_t at; (at = without.find("\033[40;37;1m")) != std::string::npos; ++lines) without.erase(at, 10);
  for (std::size_t at; (at = without.find("\033[0m\n")) != std::string::npos;) without.erase(at, 4);
  CHECK(without == plain.text());
  CHECK(lines == modules(plain.text()).size() / 2);
}

TEST_CASE("a text beyond the capacity of a QR code is refused") {
  CHECK_THROWS_AS(qr_code(std::string(3000, 'x'), Ink::plain), std::runtime_error);
  CHECK_NOTHROW(qr_code(std::string(2900, 'x'), Ink::plain));
}

#ifdef ZBARIMG
namespace {

// A photograph of the terminal, as it were: each module four by four dots, in the PGM format.
std::string picture(const Rows& rows) {
  constexpr std::size_t scale = 4;
  const std::size_t width = rows.front().size() * scale, height = rows.size() * scale;
  std::string dots = "P5 " + std::to_string(width) + " " + std::to_string(height) + " 255\n";
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) dots += rows[y / scale][x / scale] == '#' ? '\xff' : '\0';
  return dots;
}

std::string scanned(const std::string& dots) {
  char path[] = "/tmp/factorctl-qr-XXXXXX";
  const core::Fd file(mkstemp(path));
  REQUIRE(write(file.get(), dots.data(), dots.size()) == static_cast<ssize_t>(dots.size()));
  FILE* scan = popen((std::string(ZBARIMG " -q --raw --nodbus pgm:") + path).c_str(), "r");
  REQUIRE(scan != nullptr);
  char text[4096];
  const std::size_t size = fread(text, 1, sizeof text, scan);
  pclose(scan);
  unlink(path);
  return {text, size};
}

}  // namespace

TEST_CASE("a scanner reads the URI from what stands on the terminal") {
  const auto drawing = qr_code(uri, Ink::plain);
  CHECK(scanned(picture(modules(drawing.text()))) == std::string(uri) + "\n");
}
#endif
