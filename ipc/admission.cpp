// SPDX-License-Identifier: Apache-2.0
#include "ipc/admission.hpp"

#include "core/failure.hpp"

namespace factord::ipc {
namespace {

void refuse_above(std::uint32_t count, std::uint32_t limit, const char* name) {
  if (count >= limit) throw core::failure::limit_reached(name, limit);
}

}  // namespace

Admission::Ticket::Ticket(Admission& admission, const Caller& caller)
    : admission_(admission),
      connection_(admission.connections_.of(caller.unique_name)),
      uid_(admission.uids_.of(caller.uid())) {
  if (caller.uid() != 0) {
    refuse_above(connection_->second, admission.limits_.requests_per_connection, "RequestsPerConnection");
    refuse_above(uid_->second, admission.limits_.requests_per_uid, "RequestsPerUid");
  }
  admission.connections_.add(connection_);
  admission.uids_.add(uid_);
}

Admission::Ticket::~Ticket() {
  admission_.connections_.take_off(connection_);
  admission_.uids_.take_off(uid_);
}

}  // namespace factord::ipc
