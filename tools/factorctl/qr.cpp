// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/qr.hpp"

#include <qrencode.h>
#include <string.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace factord::factorctl {
namespace {

constexpr int quiet_zone = 4;
constexpr std::string_view white_on_black = "\033[40;37;1m";
constexpr std::string_view colours_off = "\033[0m";
constexpr std::string_view full = "█", upper = "▀", lower = "▄", none = " ";

// The modules spell the secret out. libqrencode's other buffers are out of reach; it frees them before it returns.
struct Wiped {
  void operator()(QRcode* code) const {
    explicit_bzero(code->data, static_cast<std::size_t>(code->width) * static_cast<std::size_t>(code->width));
    QRcode_free(code);
  }
};
using Code = std::unique_ptr<QRcode, Wiped>;

Code encode(std::string_view text) {
  Code code(QRcode_encodeData(static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0,
                              QR_ECLEVEL_L));
  if (!code) throw std::runtime_error("The otpauth URI does not fit into a QR code");
  return code;
}

bool light(const QRcode& code, int x, int y) {
  if (x < 0 || y < 0 || x >= code.width || y >= code.width) return true;
  return (code.data[y * code.width + x] & 1) == 0;
}

std::string_view two_modules(const QRcode& code, int x, int y) {
  const bool above = light(code, x, y), below = light(code, x, y + 1);
  if (above) return below ? full : upper;
  return below ? lower : none;
}

class Drawing {
 public:
  explicit Drawing(std::size_t size) : text_(size) {}
  void add(std::string_view part) {
    std::ranges::copy(part, text_.bytes().begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += part.size();
  }
  core::Secret take() && {
    text_.shrink(used_);
    return std::move(text_);
  }

 private:
  core::Secret text_;
  std::size_t used_ = 0;
};

std::size_t largest_size(const QRcode& code) {
  const auto side = static_cast<std::size_t>(code.width + 2 * quiet_zone);
  return (side / 2 + 1) * (side * full.size() + white_on_black.size() + colours_off.size() + 1);
}

}  // namespace

core::Secret qr_code(std::string_view text, Ink ink) {
  const Code code = encode(text);
  const int end = code->width + quiet_zone;
  Drawing drawing(largest_size(*code));
  for (int y = -quiet_zone; y < end; y += 2) {
    if (ink == Ink::colours) drawing.add(white_on_black);
    for (int x = -quiet_zone; x < end; ++x) drawing.add(two_modules(*code, x, y));
    if (ink == Ink::colours) drawing.add(colours_off);
    drawing.add("\n");
  }
  return std::move(drawing).take();
}

}  // namespace factord::factorctl
