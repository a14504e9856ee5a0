// SPDX-License-Identifier: Apache-2.0
// Ways to write JSON and CBOR, right and wrong ones.
#pragma once

#include <string>

#include "core/bytes.hpp"
#include "tests/fuzz/ceremony/scene.hpp"

namespace factord::fuzz {

// The same object, written in another way.
void respell_json(std::string& text, Choices& choices);
// Not JSON any more, or JSON that two readers may take for two things.
void break_json(std::string& text, Choices& choices);
// Not UTF-8 any more.
void break_utf8(std::string& text, Choices& choices);

// The text of some bytes as lenient readers still take it, or no text of bytes at all.
void break_base64url(std::string& text, Choices& choices);

// An item as the shortest and definite encoding would not have it. `item` is a whole one.
core::Bytes bad_cbor(core::ByteView item, Choices& choices);

// Entries of a COSE key that SoftKey has written.
Entries entries_of(core::ByteView map);

}  // namespace factord::fuzz
