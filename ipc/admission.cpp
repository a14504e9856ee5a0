// SPDX-License-Identifier: Apache-2.0
#include "ipc/admission.hpp"

#include <utility>

#include "core/failure.hpp"

namespace factord::ipc {
namespace {

template <typename Counts, typename Key>
std::uint32_t count_of(const Counts& counts, const Key& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

template <typename Counts, typename Key>
void give_back(Counts& counts, const Key& key) {
  const auto found = counts.find(key);
  if (--found->second == 0) counts.erase(found);
}

void refuse_above(std::uint32_t count, std::uint32_t limit, const char* name) {
  if (count >= limit) throw core::failure::limit_reached(name, limit);
}

}  // namespace

Admission::Ticket::Ticket(Admission& admission, const Caller& caller)
    : admission_(admission), connection_(caller.unique_name), uid_(caller.uid()) {
  admission_.require_room(caller);
  ++admission_.of_connection_[connection_];
  ++admission_.of_uid_[uid_];
}

Admission::Ticket::~Ticket() {
  give_back(admission_.of_connection_, connection_);
  give_back(admission_.of_uid_, uid_);
}

void Admission::require_room(const Caller& caller) const {
  if (caller.uid() == 0) return;
  refuse_above(count_of(of_connection_, caller.unique_name), limits_.requests_per_connection, "RequestsPerConnection");
  refuse_above(count_of(of_uid_, caller.uid()), limits_.requests_per_uid, "RequestsPerUid");
}

}  // namespace factord::ipc
