// SPDX-License-Identifier: Apache-2.0
#include "ipc/outbox.hpp"

#include <algorithm>
#include <utility>

#include "core/log.hpp"

namespace factord::ipc {
namespace {

// About what the bus counts for a signal beside its texts: header fields, names, padding.
constexpr std::uint64_t envelope = 256;

}  // namespace

Outbox::Outbox(Post& post, Member signal, Lost lost) : Outbox(post, std::move(signal), std::move(lost), Bounds{}) {}

Outbox::Outbox(Post& post, Member signal, Lost lost, const Bounds& bounds)
    : post_(post), signal_(std::move(signal)), lost_(std::move(lost)), bounds_(bounds) {}

void Outbox::open(const Caller& caller) {
  // One rule for all readers: a rule for each would use up the bus's 512.
  if (!goings_) goings_ = post_.watch_goings([this](const std::string& gone) { left(gone); });
  const auto [entry, added] = readers_.try_emplace(caller.unique_name, Reader{.uid = caller.uid()});
  Reader& reader = entry->second;
  if (added) ++of_uid_[reader.uid].readers;
  // A new one may have left before the watch was set up; one that was given up may have read meanwhile.
  if (added || reader.given_up) ask(caller.unique_name, reader);
  set_given_up(reader, false);
}

void Outbox::send(const std::string& unique_name, const Values& values) {
  const auto found = readers_.find(unique_name);
  if (found == readers_.end() || found->second.given_up) return;
  Reader& reader = found->second;
  post_.emit_to(unique_name, signal_, values);
  const std::uint64_t size = envelope + size_of(values);
  set_unread(reader, reader.unread + size);
  reader.since_asked += size;
  if (reader.since_asked >= bounds_.noticed) ask(unique_name, reader);
}

void Outbox::ask(const std::string& unique_name, Reader& reader) {
  if (std::exchange(reader.asking, true)) return;
  reader.since_asked = 0;
  post_.ask_unread(unique_name, [this, unique_name](Post::Unread unread) { answered(unique_name, unread); });
}

void Outbox::answered(const std::string& unique_name, Post::Unread unread) {
  const auto found = readers_.find(unique_name);
  if (found == readers_.end()) return;
  if (unread.outcome == Post::Unread::Outcome::gone) return left(unique_name);
  Reader& reader = found->second;
  reader.asking = false;
  // What others have sent to it is in the bus's number too.
  set_unread(reader, std::min(reader.unread, unread.bytes + reader.since_asked));
  if (reader.since_asked >= bounds_.noticed) ask(unique_name, reader);
}

void Outbox::set_unread(Reader& reader, std::uint64_t bytes) {
  OfUid& of_uid = of_uid_[reader.uid];
  std::uint64_t& sum = reader.given_up ? of_uid.left : of_uid.unread;
  sum = sum - reader.unread + bytes;
  unread_ = unread_ - reader.unread + bytes;
  reader.unread = bytes;
}

void Outbox::set_given_up(Reader& reader, bool given_up) {
  const std::uint64_t unread = reader.unread;
  set_unread(reader, 0);
  reader.given_up = given_up;
  set_unread(reader, unread);
}

bool Outbox::too_far_behind(const Reader& reader) const {
  if (reader.given_up) return false;
  const OfUid& of_uid = of_uid_.at(reader.uid);
  if (of_uid.unread > bounds_.of_uid) return true;
  // What was given up stays where it is until its reader leaves: only small amounts may be added to it.
  return reader.unread >= bounds_.spared && (of_uid.left > bounds_.left_by_uid || unread_ > bounds_.of_all);
}

Outbox::Readers::iterator Outbox::furthest_behind() {
  auto furthest = readers_.end();
  for (auto entry = readers_.begin(); entry != readers_.end(); ++entry)
    if (too_far_behind(entry->second) && (furthest == readers_.end() || entry->second.unread > furthest->second.unread))
      furthest = entry;
  return furthest;
}

void Outbox::settle() {
  if (unread_ <= std::min({bounds_.of_uid, bounds_.left_by_uid, bounds_.of_all})) return;
  for (auto found = furthest_behind(); found != readers_.end(); found = furthest_behind()) {
    set_given_up(found->second, true);
    core::log(core::Severity::notice, "A subscriber does not read what it is sent: its subscriptions have ended",
              {{"FACTORD_CALLER_UID", std::to_string(found->second.uid)}});
    lost_(found->first);
  }
}

void Outbox::left(const std::string& unique_name) {
  const auto found = readers_.find(unique_name);
  if (found == readers_.end()) return;
  set_unread(found->second, 0);
  const auto of_uid = of_uid_.find(found->second.uid);
  if (--of_uid->second.readers == 0) of_uid_.erase(of_uid);
  readers_.erase(found);
  if (readers_.empty()) goings_.reset();
  lost_(unique_name);
}

}  // namespace factord::ipc
