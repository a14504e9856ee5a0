// SPDX-License-Identifier: Apache-2.0
// What texts from outside may be: lengths count Unicode code points, as the mirrored API counts them.
#pragma once

#include <cstddef>
#include <string_view>

namespace factord::core {

// `text` must be valid UTF-8, which the bus guarantees for its strings.
std::size_t code_points(std::string_view text);
bool has_code_points(std::string_view text, std::size_t least, std::size_t most);

bool valid_utf8(std::string_view text);

// No C0 or C1 control characters, no line or paragraph separator, no bidirectional marks or overrides, which would let
// one name look like another or forge a line of a log.
bool printable(std::string_view text);

// A user id, organization id or account name: printable, 1 to 200 code points, without ':', which separates fields in
// the files that other programs keep (passwd, subuid).
bool valid_identifier(std::string_view text);

}  // namespace factord::core
