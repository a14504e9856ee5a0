// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/table.hpp"

#include <algorithm>
#include <ctime>
#include <cwchar>
#include <numeric>

#include "core/text.hpp"

namespace factord::factorctl {
namespace {

constexpr std::string_view gap = "  ";
constexpr std::size_t least_first_column = 8;

// The bytes of the first character of `text`, which is not empty; a stray byte counts as one.
std::string_view first_character(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && size < 4 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) ++size;
  return text.substr(0, size);
}

char32_t code_point(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return lead;
  char32_t point = lead & (0x7fu >> character.size());
  for (char c : character.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3fu);
  return point;
}

// wcwidth() knows nothing beyond ASCII unless the locale is a UTF-8 one; main() sees to that.
std::size_t columns_of(std::string_view character) {
  const int width = wcwidth(static_cast<wchar_t>(code_point(character)));
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

}  // namespace

std::string shown(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const std::string_view character = first_character(text);
    clean += core::printable(character) ? character : "\xef\xbf\xbd";
    text.remove_prefix(character.size());
  }
  return clean;
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); text.remove_prefix(first_character(text).size())) count += columns_of(first_character(text));
  return count;
}

std::string shortened(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  std::string kept;
  std::size_t used = 1;  // the ellipsis
  for (; !text.empty(); text.remove_prefix(first_character(text).size())) {
    used += columns_of(first_character(text));
    if (used > width) break;
    kept += first_character(text);
  }
  return kept + "…";
}

namespace {

const char* format_of(Precision precision) {
  switch (precision) {
    case Precision::day:
      return "%Y-%m-%d";
    case Precision::minute:
      return "%Y-%m-%d %H:%M";
    case Precision::second:
      return "%Y-%m-%d %H:%M:%S";
  }
  return "";
}

}  // namespace

std::string date(std::uint64_t microseconds, Precision precision, std::string_view never) {
  if (microseconds == 0) return std::string(never);
  const auto seconds = static_cast<std::time_t>(microseconds / 1'000'000);
  std::tm local{};
  char text[64];
  if (localtime_r(&seconds, &local) == nullptr) return "?";
  return {text, std::strftime(text, sizeof text, format_of(precision), &local)};
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const Row& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  return widths;
}

std::size_t Table::width() const {
  const auto all = widths();
  return std::accumulate(all.begin(), all.end(), gap.size() * (all.size() - 1));
}

void Table::fit(std::size_t width) {
  if (this->width() <= width) return;
  const std::size_t first = widths().front();
  const std::size_t excess = this->width() - width;
  const std::size_t room = first > excess ? std::max(first - excess, least_first_column) : least_first_column;
  for (Row& row : rows_) row.front() = shortened(row.front(), room);
}

std::string Table::text() const {
  const auto widths = this->widths();
  std::string text;
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
      text += row[i] + std::string(widths[i] - columns(row[i]), ' ').append(gap);
    text += row.back() + '\n';
  }
  return text;
}

}  // namespace factord::factorctl
