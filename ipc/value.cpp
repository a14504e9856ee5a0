// SPDX-License-Identifier: Apache-2.0
#include "ipc/value.hpp"

#include <array>

namespace factord::ipc {
namespace {

constexpr std::uint64_t small = 8;  // a number, or the length and the padding of something longer

std::uint64_t size_of(const Value& value);

std::uint64_t size_of(const Dict& dict) {
  std::uint64_t size = small;
  for (const auto& [key, value] : dict) size += small + key.size() + small + size_of(value);
  return size;
}

std::uint64_t size_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->size() + small;
  if (const auto* dict = std::get_if<Dict>(&value)) return size_of(*dict);
  std::uint64_t size = small;
  if (const auto* texts = std::get_if<Texts>(&value))
    for (const std::string& text : *texts) size += small + text.size();
  if (const auto* dicts = std::get_if<Dicts>(&value))
    for (const Dict& dict : *dicts) size += size_of(dict);
  return size;
}

}  // namespace

std::string_view signature_of(Type type) {
  static constexpr std::array<std::string_view, 9> signatures = {"b", "i", "u", "t", "s", "as", "h", "a{sv}", "aa{sv}"};
  return signatures.at(static_cast<std::size_t>(type));
}

std::optional<Type> type_named(std::string_view signature) {
  for (int i = 0; i <= static_cast<int>(Type::dicts); ++i)
    if (signature_of(static_cast<Type>(i)) == signature) return static_cast<Type>(i);
  return std::nullopt;
}

std::uint64_t size_of(const Values& values) {
  std::uint64_t size = 0;
  for (const Value& value : values) size += size_of(value);
  return size;
}

}  // namespace factord::ipc
