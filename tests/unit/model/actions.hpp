// SPDX-License-Identifier: Apache-2.0
// What may happen in an episode, and how often. One file for each kind of action; a new one is added to all_actions().
#pragma once

#include <functional>
#include <vector>

#include "tests/unit/model/episode.hpp"

namespace factord::tests::model {

struct Action {
  std::uint64_t weight;
  std::function<void(Episode&)> take;
};

std::vector<Action> check_actions();              // CheckTOTP
std::vector<Action> fate_actions();               // clock, commits, losses, kills, restarts, landings
std::vector<Action> list_actions();               // lists and GetUser
std::vector<Action> passkey_check_actions();      // StartPasskeyCheck, CheckPasskey
std::vector<Action> registration_code_actions();  // CreateRegistrationCode; RegisterTOTP and its confirmation by code
std::vector<Action> recovery_actions();           // GenerateRecoveryCodes, CheckRecoveryCode
std::vector<Action> suspension_actions();         // SuspendFactor, ResumeFactor, GetRequirement
std::vector<Action> totp_actions();               // enrolment and removal
std::vector<Action> user_actions();               // AddUser, RemoveUser, LockUser, UnlockUser, RenameFactor
std::vector<Action> webauthn_actions();           // passkeys and U2F tokens: registration and removal

std::vector<Action> all_actions();

// For all of them

// Who calls, and how that is said: root, a login service, another, or a Unix user for himself.
struct Caller {
  uid_t uid = 0;
  bool self = false;
  std::string words() const;
};
Caller any_caller(Episode& episode, std::size_t user);
std::size_t any_user(Episode& episode);
std::string name_of(const User& user);

std::shared_ptr<ipc::Call> call_about(const User& user, const Caller& caller, ipc::Dict arguments = {});

// A factor of somebody, as a caller may name it: of the user and the kind mostly, of another, or none any more.
std::string any_factor(Episode& episode, std::size_t user, std::optional<Kind> kind);

// The failure of what makes room for a factor; of a registration, what its kind replaces goes.
std::string make_room(World& world, std::size_t user, const daemon::Policy& policy);
std::string begin_pending(World& world, std::size_t user, Kind kind, uid_t caller, const daemon::Policy& policy);

// The guard: [Policy] ProtectLastFactor=.
std::string last_factor(const User& user, const Factor& going, const daemon::Policy& policy, bool force);
bool may_force(Episode& episode, const Caller& caller);

// Each throws Departure where the details are not those of the user's last event, and of an object of that age.
void expect_details(const User& user, const ipc::Dict& details, std::optional<Time> created);
void expect_same(const std::string& what, const std::string& foretold, const std::string& said);

}  // namespace factord::tests::model
