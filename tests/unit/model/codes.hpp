// SPDX-License-Identifier: Apache-2.0
// TOTP codes as people type them, and which of them the model takes (RFC 6238, docs/checks.md).
#pragma once

#include <optional>
#include <string>

#include "tests/unit/model/episode.hpp"

namespace factord::tests::model {

struct Code {
  std::string typed;
  std::string digits;  // what is left of it without blanks
  std::string words;
};

// A code for that factor, for whatever time: of now, of other steps near, a spent one, or no code of it at all.
Code code_for(Episode& episode, std::size_t user, const std::string& factor_id);

// Steps that are accepted around the present one, and by how many the window is shifted.
struct Reach {
  unsigned skew;
  int shift;
};

// The step of the user's factor for which that code is good at that time; none that is spent is, under whatever id.
std::optional<std::uint64_t> step_of(const User& user, const Factor& factor, const Code& code, Time now, Reach reach);

// How far the token's clock was off when it was used last: no more than the skew, and nothing before its first use.
int drift_of(const Factor& factor, unsigned skew);

}  // namespace factord::tests::model
