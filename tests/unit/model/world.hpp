// SPDX-License-Identifier: Apache-2.0
// What the daemon must be like, in the plainest form: users with their factors, their guesses and their sequence, as
// values that can be copied. A batch that is lost is a copy that is thrown away.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/owner.hpp"
#include "daemon/otp/totp.hpp"
#include "storage/event.hpp"
#include "tests/unit/model/registration_code.hpp"

namespace factord::tests::model {

using core::Time;
using storage::EventType;
using storage::Kind;
using storage::State;

struct Factor {
  std::string id;
  Kind kind{};
  State state = State::not_ready;
  std::string name{};
  Time created{}, changed{}, last_used{};
  std::uint64_t uses = 0;
  std::optional<Time> ends{};  // while it is pending
  uid_t begun_by = 0;
  std::string code_id{};
  core::Bytes seed{};  // this and the next two: TOTP
  otp::Parameters parameters{};
  std::optional<std::uint64_t> last_step{};
  // Passkeys and U2F tokens
  std::string creation_options{};
  core::Bytes credential{};
  std::uint32_t sign_count = 0;
  // Recovery codes that are left
  std::vector<std::string> codes{};

  // A set of which nothing is left can prove nothing, though nobody has put it aside.
  State shown_state() const {
    const bool used_up = kind == Kind::recovery_codes && state == State::ready && codes.empty();
    return used_up ? State::not_ready : state;
  }
  bool pending() const { return state == State::not_ready; }
  bool over(Time now) const { return pending() && ends && *ends <= now; }
};

// Who guesses: caller and source.
using Guesser = std::pair<uid_t, std::string>;

// The tries of one who guesses.
struct Tries {
  unsigned in_a_row = 0, locks = 0;
  Time locked_until{}, last_try{}, last_success{};
};

// Guesses at one kind of a user's codes.
struct Guesses {
  std::map<Guesser, Tries> of;
  std::vector<Time> failures;  // of all
};

struct User {
  core::Owner owner;
  bool stored = false;  // has a record; a Unix user exists without one, too
  bool locked = false;
  std::uint64_t sequence = 0;
  Time created{}, changed{};
  std::vector<Factor> factors{};
  std::map<Kind, Guesses> guesses{};
  std::vector<RegistrationCode> codes{};

  bool is_account() const { return owner.uid().has_value(); }
  bool exists() const { return stored || is_account(); }
  // Null where there is none, or none any more.
  Factor* factor(const std::string& id, Time now);
};

// An event that the next commit must give. Without a place in the journal: a factor that went with its user.
struct Noted {
  EventType type{};
  bool in_journal = true;
  Time at{};
  std::string organization, user_id;
  std::uint64_t sequence = 0;
  std::string factor_id;
  std::optional<Kind> kind;
};

struct World {
  Time now{};
  std::optional<Time> last_event{};
  std::uint64_t journal = 0;  // events in it
  std::vector<User> users{};
  std::vector<Noted> events{};  // of the open batch

  User& user(std::size_t index) { return users.at(index); }
  // The event and the user's sequence; a user who has no record gets one.
  void note(User& user, EventType type, std::optional<Kind> kind = {}, const std::string& factor_id = {});
  // As note(), about that factor; it has changed with it.
  void note(User& user, EventType type, Factor& factor);
  void remove(User& user);
  void remove(User& user, const std::string& factor_id);

  // Registrations that can still be confirmed. What is over is swept away when one looks.
  std::size_t pending_begun_by(uid_t caller);
  // Of codes that hang on the time.
  bool clock_trusted(Time at) const;
};

}  // namespace factord::tests::model
