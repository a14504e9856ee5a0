// SPDX-License-Identifier: Apache-2.0
#include "ipc/handouts.hpp"

#include <algorithm>

#include "core/failure.hpp"

namespace factord::ipc {

Handouts::Place::Place(Handouts& handouts, const Caller& caller)
    : handouts_(handouts), connection_(caller.unique_name), uid_(caller.uid()) {
  handouts_.take(uid_);
}

Handouts::Place::~Place() {
  if (!sent_) handouts_.give_back(uid_, 1);
}

void Handouts::Place::sent() {
  sent_ = true;
  Reader& reader = handouts_.readers_.try_emplace(connection_, Reader{.uid = uid_}).first->second;
  ++reader.unread;
  ++reader.since_asked;
  handouts_.ask(connection_, reader);
}

std::unique_ptr<Handouts::Place> Handouts::admit(const Caller& caller) {
  if (caller.uid() == 0) return nullptr;
  // Whoever reads has read long since, and whoever has left takes nothing with it: but nobody says so unasked.
  for (auto next = readers_.begin(); next != readers_.end();) {
    const auto reader = next++;  // a bus that cannot be asked answers at once, and nobody is remembered then
    ask(reader->first, reader->second);
  }
  const std::uint32_t share = std::min(of_uid, (of_all - std::min(all_, of_all)) / 2);
  const auto has = of_uid_.find(caller.uid());
  if ((has == of_uid_.end() ? 0 : has->second) >= share)
    throw core::failure::limit_reached("DescriptorsPerUid", of_uid);
  return std::make_unique<Place>(*this, caller);
}

void Handouts::take(uid_t uid) {
  ++of_uid_[uid];
  ++all_;
}

void Handouts::give_back(uid_t uid, std::uint32_t count) {
  all_ -= count;
  const auto found = of_uid_.find(uid);
  found->second -= count;
  if (found->second == 0) of_uid_.erase(found);
}

void Handouts::ask(const std::string& connection, Reader& reader) {
  if (reader.asking) return;
  reader.asking = true;
  reader.since_asked = 0;
  post_.ask_unread(connection, [this, connection](Post::Unread said) { answered(connection, said); });
}

void Handouts::answered(const std::string& connection, Post::Unread said) {
  const auto found = readers_.find(connection);  // is there: only this removes it
  Reader& reader = found->second;
  reader.asking = false;
  // What others have sent to it is in the bus's number too.
  const std::uint32_t at_most = said.outcome == Post::Unread::Outcome::gone ? 0 : said.fds + reader.since_asked;
  const std::uint32_t unread = std::min(reader.unread, at_most);
  if (unread < reader.unread) give_back(reader.uid, reader.unread - unread);
  reader.unread = unread;
  if (unread == 0) {
    readers_.erase(found);
  } else if (reader.since_asked > 0) {
    ask(connection, reader);
  }
}

}  // namespace factord::ipc
