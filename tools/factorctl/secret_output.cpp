// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/secret_output.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace factord::factorctl {
namespace {

bool needs_escape(char c) { return c <= ' ' || c > '~' || c == '"' || c == '\\'; }

void open_member(const Console& console, std::string_view json, std::string_view member) {
  console.print(json.substr(0, json.size() - 1));
  console.print(",\"" + std::string(member) + "\":");
}

// Printed piece by piece, so that no copy is left behind.
void print_quoted(const Console& console, std::string_view secret) {
  console.print("\"");
  console.print(secret);
  console.print("\"");
}

std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  return line;
}

[[noreturn]] void refuse() { throw std::runtime_error("The secret holds stray characters"); }

}  // namespace

void print_with_secret(const Console& console, std::string_view json, std::string_view member,
                       const core::Secret& secret) {
  std::string_view rest = secret.text();
  const std::string_view line = take_line(rest);
  if (!rest.empty() || std::ranges::any_of(line, needs_escape)) refuse();
  open_member(console, json, member);
  print_quoted(console, line);
  console.print("}\n");
}

void print_with_lines(const Console& console, std::string_view json, std::string_view member,
                      const core::Secret& lines) {
  if (std::ranges::any_of(lines.text(), [](char c) { return c != '\n' && needs_escape(c); })) refuse();
  open_member(console, json, member);
  const char* before = "[";
  for (std::string_view rest = lines.text(); !rest.empty(); before = ",") {
    console.print(before);
    print_quoted(console, take_line(rest));
  }
  console.print("]}\n");
}

void print_secret(const Console& console, const core::Secret& secret) {
  console.print(secret.text());
  if (!secret.text().ends_with('\n')) console.print("\n");
}

}  // namespace factord::factorctl
