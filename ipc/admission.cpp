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

Admission::Ticket::Ticket(Admission& admission, std::string connection, uid_t uid)
    : admission_(admission), connection_(std::move(connection)), uid_(uid) {
  ++admission_.of_connection_[connection_];
  ++admission_.of_uid_[uid_];
}

Admission::Ticket::~Ticket() {
  give_back(admission_.of_connection_, connection_);
  give_back(admission_.of_uid_, uid_);
}

std::unique_ptr<Admission::Ticket> Admission::admit(const Caller& caller) {
  if (caller.uid() != 0) {
    refuse_above(count_of(of_connection_, caller.unique_name), limits_.requests_per_connection,
                 "RequestsPerConnection");
    refuse_above(count_of(of_uid_, caller.uid()), limits_.requests_per_uid, "RequestsPerUid");
  }
  return std::make_unique<Ticket>(*this, caller.unique_name, caller.uid());
}

}  // namespace factord::ipc
