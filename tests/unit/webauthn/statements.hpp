// SPDX-License-Identifier: Apache-2.0
// Registrations with a statement of some format, and the usual ways to spoil one.
#pragma once

#include <string>

#include "tests/unit/webauthn/expectations.hpp"

namespace factord::tests {

inline Registration with(Format format) {
  Registration registration;
  registration.format = format;
  registration.aaguid = core::Bytes(16, 0x11);
  registration.certificate = profile_of(format);
  return registration;
}

inline std::string register_with(const Registration& registration, int algorithm) {
  return register_with(registration, registration_expectations(), algorithm);
}

inline void flip(core::Bytes& bytes) { bytes.back() ^= 1; }

inline void set(cbor::Entries& statement, const char* name, const core::Bytes& value) {
  for (auto& [key, old] : statement)
    if (key == cbor::text(name)) old = value;
}

inline void drop(cbor::Entries& statement, const char* name) {
  std::erase_if(statement, [&](const auto& entry) { return entry.first == cbor::text(name); });
}

// Edits of a statement.
inline auto setting(const char* name, core::Bytes value) {
  return [=](cbor::Entries& statement) { set(statement, name, value); };
}

inline auto dropping(const char* name) {
  return [=](cbor::Entries& statement) { drop(statement, name); };
}

inline auto adding(const char* name, core::Bytes value) {
  return [=](cbor::Entries& statement) { statement.emplace_back(cbor::text(name), value); };
}

}  // namespace factord::tests
