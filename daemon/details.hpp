// SPDX-License-Identifier: Apache-2.0
// Answers in the mirrored form: details, factors and users as dictionaries of the bus. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ipc/value.hpp"
#include "storage/event.hpp"
#include "storage/factor.hpp"

namespace factord::daemon {

// sequence, changeDate, creationDate, resourceOwner.
ipc::Dict details(const storage::Position& position, const std::string& organization);

// The same without creationDate, as the mirrored API answers RemoveTOTP and VerifyTOTPRegistration.
ipc::Dict details_without_creation(const storage::Position& position, const std::string& organization);

// The same with totalResult.
ipc::Dict list_details(const storage::Position& position, const std::string& organization, std::uint64_t total);

// `authenticator_name`: what people call the model of a passkey's or U2F token's authenticator; empty: not known.
ipc::Dict describe(const storage::Factor& factor, std::string_view authenticator_name);
ipc::Dict describe(const storage::User& user);

// "passkey", "u2f", "totp", "recovery-codes"; "not-ready", "ready", "suspended", "quarantined".
std::string_view name(storage::Kind kind);
std::string_view name(storage::State state);
// As callers see it: a set of recovery codes that is used up is not ready, for nobody gets in with it.
storage::State shown_state(const storage::Factor& factor);

std::uint64_t microseconds(core::Time time);

}  // namespace factord::daemon
