// SPDX-License-Identifier: Apache-2.0
// One case of a vectors file, judged by the daemon's own code. The format is described in tests/vectors/data/README.md.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/bytes.hpp"

namespace factord::vectors {

using Json = nlohmann::json;

struct Judgement {
  bool ok = false;
  std::string step;
  std::string reason;
};

Judgement judge_registration(const Json& vector);
Judgement judge_authentication(const Json& vector);
Judgement judge_signature(const Json& vector);
Judgement judge_hotp(const Json& vector);
Judgement judge_totp(const Json& vector);
Judgement judge_base32(const Json& vector);
Judgement judge_uri(const Json& vector);
Judgement judge_build(const Json& vector);
Judgement judge_verify(const Json& vector);

// Of fields that the format promises to be good. Throws std::runtime_error otherwise: the file is broken.
core::Bytes base64url(const Json& text);

inline Judgement accepted() { return {true, "-", ""}; }
inline Judgement rejected(std::string step, std::string reason) { return {false, std::move(step), std::move(reason)}; }

}  // namespace factord::vectors
