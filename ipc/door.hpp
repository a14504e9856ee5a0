// SPDX-License-Identifier: Apache-2.0
// The one door. Every call from the bus goes through it and nothing else: it asks who calls, judges the permission
// before it looks at anything, decodes with bounds, mints the Owner, hands over to the use case, and turns every
// outcome into an answer. No other place authorises, decodes or translates errors. Owned by main; loop thread.
#pragma once

#include <vector>

#include "ipc/access.hpp"
#include "ipc/accounts.hpp"
#include "ipc/admission.hpp"
#include "ipc/backlog.hpp"
#include "ipc/bus.hpp"
#include "ipc/bus_post.hpp"
#include "ipc/caller.hpp"
#include "ipc/challenges.hpp"
#include "ipc/handouts.hpp"
#include "ipc/method.hpp"
#include "ipc/refusal_log.hpp"
#include "ipc/screen.hpp"
#include "ipc/stages.hpp"
#include "ipc/subscriptions.hpp"

struct sd_event;

namespace factord::ipc {

class Door {
 public:
  // All of them outlive the door.
  struct Neighbours {
    Bus& bus;
    sd_event* loop;
    Accounts& accounts;
    Authorizer& authorizer;
    Challenges& challenges;
    Stages& stages;
    const Limits& limits;
  };
  // The methods that are to be published, each leading through this door.
  Door(const Neighbours& neighbours, std::vector<Method> methods);

  std::vector<std::pair<Member, Bus::Handler>> members();
  std::vector<Member> signals() const { return {Subscriptions::signal()}; }

  // To be told of changes, and of whatever may change who holds a permission.
  Subscriptions& subscriptions() { return subscriptions_; }

 private:
  friend class Visit;
  Neighbours neighbours_;
  Callers callers_;
  Admission admission_;
  BusPost post_;
  Backlog backlog_;
  Handouts handouts_;
  Screen screen_;
  Subscriptions subscriptions_;
  RefusalLog log_;
  std::vector<Method> methods_;
};

}  // namespace factord::ipc
