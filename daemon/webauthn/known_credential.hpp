// SPDX-License-Identifier: Apache-2.0
// A credential as options name it to a browser. A plain value.
#pragma once

#include <string>
#include <vector>

#include "core/bytes.hpp"

namespace factord::webauthn {

struct KnownCredential {
  core::Bytes id;
  std::vector<std::string> transports;
};

}  // namespace factord::webauthn
