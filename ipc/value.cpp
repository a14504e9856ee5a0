// SPDX-License-Identifier: Apache-2.0
#include "ipc/value.hpp"

#include <array>

namespace factord::ipc {

std::string_view signature_of(Type type) {
  static constexpr std::array<std::string_view, 9> signatures = {"b", "i", "u", "t", "s", "as", "h", "a{sv}", "aa{sv}"};
  return signatures.at(static_cast<std::size_t>(type));
}

std::optional<Type> type_named(std::string_view signature) {
  for (int i = 0; i <= static_cast<int>(Type::dicts); ++i)
    if (signature_of(static_cast<Type>(i)) == signature) return static_cast<Type>(i);
  return std::nullopt;
}

}  // namespace factord::ipc
