// SPDX-License-Identifier: Apache-2.0
// One judge per attestation statement format (WebAuthn Level 3 chapter 8), each in a file of its own, and what they
// share. Only attestation.cpp and the judges look in here. Pure; any thread.
#pragma once

#include <initializer_list>
#include <string_view>

#include "daemon/webauthn/attestation.hpp"

namespace factord::webauthn {

// A judge carries out the verification procedure of its format. It may rely on `statement` being of the kind that
// the format's syntax names, a map for all but compound, and on nothing else.
using AttestationJudge = AttestationVerdict(const CborValue& statement, const AttestedRegistration& made);

AttestationJudge judge_packed;       // section 8.2
AttestationJudge judge_tpm;          // 8.3
AttestationJudge judge_android_key;  // 8.4
AttestationJudge judge_fido_u2f;     // 8.6
AttestationJudge judge_none;         // 8.7
AttestationJudge judge_apple;        // 8.8
AttestationJudge judge_compound;     // 8.9

// `section` is the one of chapter 8 whose rule is broken.
Refusal refused(const char* section, const char* reason);

// A good statement with this one trust path.
Attestation vouched_for_by(CertificateChain chain);

// Whether the map has no members but these. The formats are closed: their syntax allows no others.
bool has_only(const CborValue& map, std::initializer_list<std::string_view> names);

}  // namespace factord::webauthn
