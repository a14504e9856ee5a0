// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/otpauth.hpp"

#include <algorithm>
#include <stdexcept>

#include "tools/factorctl/qr.hpp"

namespace factord::factorctl {
namespace {

std::string_view parameter(std::string_view uri, std::string_view name) {
  const std::size_t query = uri.find('?');
  std::string_view rest = query == std::string_view::npos ? std::string_view() : uri.substr(query + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
  }
  return {};
}

bool needs_escape(char c) { return c <= ' ' || c > '~' || c == '"' || c == '\\'; }

}  // namespace

core::Secret typed_form(std::string_view uri) {
  const std::string_view secret = parameter(uri, "secret");
  if (secret.empty()) return {};
  core::Secret typed(secret.size() + (secret.size() - 1) / 4);
  std::size_t at = 0;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    if (i > 0 && i % 4 == 0) typed.bytes()[at++] = ' ';
    typed.bytes()[at++] = static_cast<std::uint8_t>(secret[i]);
  }
  return typed;
}

void print_with_uri(const Console& console, std::string_view json, const core::Secret& uri) {
  if (std::ranges::any_of(uri.text(), needs_escape)) throw std::runtime_error("The otpauth URI holds stray characters");
  console.print(json.substr(0, json.size() - 1));
  console.print(",\"uri\":\"");
  console.print(uri.text());
  console.print("\"}\n");
}

void print_for_apps(const Console& console, const core::Secret& uri) {
  console.print(qr_code(uri.text(), console.draws() ? Ink::colours : Ink::plain).text());
  const core::Secret typed = typed_form(uri.text());
  console.print("Secret: ");
  console.print(typed.text());
  console.print("\n");
}

}  // namespace factord::factorctl
