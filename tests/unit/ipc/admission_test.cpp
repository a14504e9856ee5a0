// SPDX-License-Identifier: Apache-2.0
#include "ipc/admission.hpp"

#include <vector>

#include "core/error.hpp"
#include "tests/support/catch.hpp"

using namespace factord;
using namespace factord::ipc;

namespace {

Caller caller(const std::string& name, uid_t uid) { return {name, {uid, {}}}; }

auto admit(Admission& admission, const Caller& who) { return std::make_unique<Admission::Ticket>(admission, who); }

// "" where there is a place.
std::string refusal(Admission& admission, const Caller& who) try {
  admit(admission, who);
  return "";
} catch (const core::Error& error) {
  return error.what();
}

using Tickets = std::vector<std::unique_ptr<Admission::Ticket>>;

}  // namespace

TEST_CASE("a connection has its number of calls under way, and the refusal names the limit") {
  const Limits limits{.requests_per_connection = 2, .requests_per_uid = 100};
  Admission admission(limits);
  Tickets tickets;
  for (int i = 0; i < 2; ++i) tickets.push_back(admit(admission, caller(":1.1", 1000)));
  CHECK(refusal(admission, caller(":1.1", 1000)) == "Limit RequestsPerConnection=2 is reached (FACTORD-Quo1)");
  CHECK(refusal(admission, caller(":1.2", 1000)).empty());
}

TEST_CASE("a uid has its number over all its connections, and takes none from others") {
  const Limits limits{.requests_per_connection = 2, .requests_per_uid = 3};
  Admission admission(limits);
  Tickets tickets;
  for (const char* name : {":1.1", ":1.2", ":1.3"}) tickets.push_back(admit(admission, caller(name, 1000)));
  CHECK(refusal(admission, caller(":1.4", 1000)) == "Limit RequestsPerUid=3 is reached (FACTORD-Quo1)");
  CHECK(refusal(admission, caller(":1.5", 1001)).empty());
}

TEST_CASE("a place is given back with its ticket, and a refusal takes none") {
  const Limits limits{.requests_per_connection = 1, .requests_per_uid = 1};
  Admission admission(limits);
  for (int i = 0; i < 3; ++i) {
    const auto ticket = admit(admission, caller(":1.1", 1000));
    CHECK_FALSE(refusal(admission, caller(":1.1", 1000)).empty());
  }
}

TEST_CASE("whoever has calls under way is counted however many come and go meanwhile") {
  const Limits limits{.requests_per_connection = 1, .requests_per_uid = 1};
  Admission admission(limits);
  const auto ticket = admit(admission, caller(":1.1", 1000));
  for (uid_t i = 0; i < 1000; ++i) CHECK(refusal(admission, caller(":2." + std::to_string(i), 2000 + i)).empty());
  CHECK_FALSE(refusal(admission, caller(":1.1", 1000)).empty());
  CHECK_FALSE(refusal(admission, caller(":1.2", 1000)).empty());
}

TEST_CASE("root is not limited") {
  const Limits limits{.requests_per_connection = 1, .requests_per_uid = 1};
  Admission admission(limits);
  Tickets tickets;
  for (int i = 0; i < 10; ++i) CHECK_NOTHROW(tickets.push_back(admit(admission, caller(":1.1", 0))));
}

TEST_CASE("limits that a reload makes smaller hold at once") {
  Limits limits;
  Admission admission(limits);
  const auto ticket = admit(admission, caller(":1.1", 1000));
  limits.requests_per_connection = 1;
  CHECK_FALSE(refusal(admission, caller(":1.1", 1000)).empty());
}
