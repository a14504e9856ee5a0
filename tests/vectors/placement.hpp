// SPDX-License-Identifier: Apache-2.0
// Whether a refusal came in time: at the step that the case names, or before it. The steps of a case are texts for
// people ("7.1 step 22, 8.3.1", "6.5.1, CTAP2 canonical CBOR"); of those that are not understood nothing is demanded.
#pragma once

#include <string>

#include "tests/vectors/judge.hpp"

namespace factord::vectors {

struct Placement {
  bool late = false;
  std::string remark;  // for people; empty: in time
};

// Of a registration or an authentication that was refused.
Placement place(const Json& vector, const Judgement& refusal);

}  // namespace factord::vectors
