// SPDX-License-Identifier: Apache-2.0
// Aligned columns and the texts in them, for people. Stateless; the time zone is the process's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factord::factorctl {

// What a terminal may be shown: every control and bidirectional character becomes U+FFFD, and so does what is not
// UTF-8. The daemon refuses such names; this is for the day when it does not.
std::string shown(std::string_view text);

// Columns that a text takes on a terminal: wide characters two, combining marks none.
std::size_t columns(std::string_view text);

// Cut to `width` columns, with an ellipsis for the rest.
std::string shortened(std::string_view text, std::size_t width);

enum class Precision { day, minute, second };

// Local time, "2026-03-25", "2026-03-25 17:32" or "2026-03-25 17:32:59"; `never` for 0.
std::string date(std::uint64_t microseconds, Precision precision, std::string_view never = "-");

class Table {
 public:
  using Row = std::vector<std::string>;

  explicit Table(Row heads) : rows_{std::move(heads)} {}
  // As many texts as there are heads, in UTF-8 and shown() already.
  void add(Row row) { rows_.push_back(std::move(row)); }
  std::size_t width() const;
  // Shortens the first column so that all of a line fits, but never below 8 columns.
  void fit(std::size_t width);
  std::string text() const;

 private:
  std::vector<std::size_t> widths() const;

  std::vector<Row> rows_;
};

}  // namespace factord::factorctl
