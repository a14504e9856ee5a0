// SPDX-License-Identifier: Apache-2.0
// What an Android key store says about a key, in an extension of the key's certificate: the KeyDescription of
// https://source.android.com/docs/security/features/keystore/attestation, as DER. Pure; any thread.
#pragma once

#include <optional>

#include "core/bytes.hpp"

namespace factord::webauthn {

// What WebAuthn Level 3 section 8.4 asks, of the software-enforced and the hardware-enforced list together. The view
// is into the bytes read.
struct AndroidKeyDescription {
  core::ByteView challenge;
  bool for_all_applications = false;  // the field is there
  bool generated = false;             // there is an origin, and it is KM_ORIGIN_GENERATED wherever it is told
  bool signs = false;                 // KM_PURPOSE_SIGN is among the purposes
};

// Nothing for what is not such a description in DER: definite and shortest lengths, eight members, nothing after it.
// Fields that are not asked for are read over, whatever they hold: there are many, and newer versions add some.
std::optional<AndroidKeyDescription> read_android_key_description(core::ByteView der);

}  // namespace factord::webauthn
