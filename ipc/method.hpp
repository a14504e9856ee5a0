// SPDX-License-Identifier: Apache-2.0
// A method of the bus as one row: what comes in, who may, what is done. The daemon writes the table
// (daemon/methods.cpp); the door carries it out.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "ipc/access.hpp"
#include "ipc/call.hpp"
#include "ipc/value.hpp"

namespace factord::ipc {

// What a text argument or option must be.
struct TextRule {
  std::size_t least = 1;  // in code points
  std::size_t most = 200;
  enum class Content { printable, identifier, any } content = Content::printable;
};

struct Parameter {
  std::string_view name;
  Type type = Type::text;
  TextRule rule{};          // texts only
  std::uint64_t least = 0;  // numbers
  std::uint64_t most = UINT64_MAX;
};

struct Option {
  std::string_view name;
  Type type = Type::text;
  TextRule rule{};                        // texts, and each entry of a list of texts
  std::vector<std::string_view> words{};  // not empty: one of these, nothing else
  std::uint64_t least = 0;                // numbers
  std::uint64_t most = UINT64_MAX;
  // Who sets this flag must hold the method's permission: that it is about oneself is not enough.
  bool takes_permission = false;
};

// About whom a method is, which decides where its permission is judged.
enum class Subject {
  user,          // argument user_id; empty: the calling Unix user
  named_user,    // argument user_id; empty: InvalidArgument
  user_or_all,   // argument user_id; empty: all of the organization, and it is judged as one is
  calling_user,  // no user_id argument
  organization,  // option org
  // The one for whom the challenge was made that argument challenge_id names, or all of its organization; the caller
  // itself, where the caller's connection has no such challenge
  challenge,
  own_rights,  // what the caller may do: nobody needs a permission to ask, and the row has no use case
};

// On the store. Where there is none, an answer waits for nobody's commit.
enum class Effect { none, reads, writes };

// What a success does to the caller's subscription to the user. The door carries it out.
enum class Subscribing { no, begins, ends };

// What a step on a worker costs: a signature is quick; a key derivation takes as long, and as much memory, as it was
// told to, and has workers of its own.
enum class Work { quick, slow };

// What a use case has decided to do, after it has read what it needs (prepare).
struct Plan {
  // On the loop thread, before `verify`: what counts whatever comes of the call, as an attempt does. In a savepoint of
  // its own; may be empty. An exception ends the call.
  std::function<void()> charge{};
  // On a worker: pure, and slow. May be empty. An exception ends the call.
  std::function<void()> verify{};
  Work work = Work::quick;  // what `verify` is
  // On the loop thread: the decision, the write, the event; in a savepoint of the open batch. Re-reads what may have
  // changed since. Its answer is sent after the commit.
  std::function<Values()> apply;
  // After an exception of `apply`, which undid its changes: what the failure leaves behind. In a savepoint of its own;
  // may be empty.
  std::function<void()> leave_behind{};
  // Where nobody was named and the call itself tells who it is about: that user of the organization. The owner is
  // minted, and `then` gives the plan that counts.
  std::string about{};
  std::function<Plan()> then{};
};

struct Method {
  std::string_view interface;
  std::string_view name;
  std::vector<Parameter> in;  // without the trailing options
  std::vector<Option> options;
  bool takes_options = true;
  std::vector<Parameter> out;
  Permission permission;
  Self self;
  Subject subject;
  Effect effect;
  std::function<Plan(const Call&)> use_case;
  Subscribing subscribing = Subscribing::no;
  bool code_stands_in = false;  // for the permission: see Call::by_code()
};

std::string in_signature(const Method& method);
std::string out_signature(const Method& method);

}  // namespace factord::ipc
