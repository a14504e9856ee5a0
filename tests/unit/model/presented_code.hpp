// SPDX-License-Identifier: Apache-2.0
// A registration code in place of a permission, as a caller presents it: right, wrong, another's, or none that exists.
#pragma once

#include <optional>
#include <string>

#include "tests/unit/model/episode.hpp"

namespace factord::tests::model {

struct PresentedCode {
  std::string id, written;
};

std::optional<PresentedCode> any_presented_code(Episode& episode, std::size_t user);  // mostly nothing

// What a success does to the code: only what completes a registration uses it up.
enum class Step { begins, completes };

// Makes of a deed, which is whole but for that, one whose call comes with the code.
void present(Deed& deed, Episode& episode, std::size_t user, const PresentedCode& code, Kind kind, Step step);

}  // namespace factord::tests::model
