// SPDX-License-Identifier: Apache-2.0
// A QR code as text, two modules in one character's height. Stateless.
#pragma once

#include <string_view>

#include "core/secret.hpp"

namespace factord::factorctl {

enum class Ink { plain, colours };

// Light modules are drawn, dark ones left blank: right on a dark terminal, and with colours on every terminal. The
// quiet zone of four modules that ISO/IEC 18004 asks for is part of it. `text` is a secret, so the drawing is one too.
// Throws std::runtime_error where the text is too long for a QR code.
core::Secret qr_code(std::string_view text, Ink ink);

}  // namespace factord::factorctl
