// SPDX-License-Identifier: Apache-2.0
#include "ipc/backlog.hpp"

#include <algorithm>
#include <utility>

namespace factord::ipc {
namespace {

constexpr std::uint64_t refusal = 512;  // bytes of an error reply, at most

}  // namespace

Backlog::Verdict Backlog::on_call(std::string_view connection, std::uint64_t bytes) {
  const auto reader = entry(connection);
  const std::uint64_t left = bounds_.of_all - std::min(unread_, bounds_.of_all);
  const std::uint64_t unread = reader->second.unread;
  const Verdict verdict = unread > left ? Verdict::ignore : unread > left / 2 ? Verdict::refuse : Verdict::answer;
  if (verdict == Verdict::answer) {
    charge(reader, bytes);
  } else {
    if (verdict == Verdict::refuse) charge(reader, refusal);
    ask(reader);  // it may have read meanwhile
  }
  return verdict;
}

void Backlog::add(std::string_view connection, std::uint64_t bytes) { charge(entry(connection), bytes); }

Backlog::Readers::iterator Backlog::entry(std::string_view connection) {
  if (const auto found = readers_.find(connection); found != readers_.end()) return found;
  // Those who have left, or have read, are found out in turn.
  if (readers_.size() >= bounds_.remembered || (goings_ && !readers_.empty())) ask_next();
  return readers_.emplace(connection, Reader{}).first;
}

void Backlog::charge(Readers::iterator reader, std::uint64_t bytes) {
  set_unread(reader->second, reader->second.unread + bytes);
  reader->second.since_asked += bytes;
  if (reader->second.since_asked >= noticed()) ask(reader);
}

// To ask and to read the answer costs as much as three calls: it can wait while nobody comes near any bound.
std::uint64_t Backlog::noticed() const { return little_lies_about() ? bounds_.noticed_late : bounds_.noticed; }

bool Backlog::little_lies_about() const { return unread_ < bounds_.of_all / 16; }

void Backlog::ask_next() {
  auto next = readers_.upper_bound(asked_last_);
  if (next == readers_.end()) next = readers_.begin();
  asked_last_ = next->first;
  ask(next);
}

void Backlog::ask(Readers::iterator reader) {
  if (reader->second.asking || asking_ >= bounds_.questions) return;
  reader->second.asking = true;
  reader->second.since_asked = 0;
  ++asking_;
  const std::string connection = reader->first;
  post_.ask_unread(connection, [this, connection](Post::Unread said) { answered(connection, said); });
}

void Backlog::answered(const std::string& connection, Post::Unread said) {
  --asking_;
  const auto found = readers_.find(connection);  // is there: only this removes it
  Reader& reader = found->second;
  reader.asking = false;
  // What others have sent to it is in the bus's number too.
  const std::uint64_t at_most = said.outcome == Post::Unread::Outcome::gone ? 0 : said.bytes + reader.since_asked;
  set_unread(reader, std::min(reader.unread, at_most));
  if (reader.unread == 0) {
    readers_.erase(found);
  } else if (reader.since_asked >= noticed()) {
    ask(found);
  }
}

void Backlog::left(const std::string& connection) {
  const auto found = readers_.find(connection);
  if (found == readers_.end()) return;
  set_unread(found->second, 0);
  if (!found->second.asking) readers_.erase(found);
}

// Who leaves when little lies about is found out in turn; on a busy bus somebody leaves all the time.
void Backlog::set_unread(Reader& reader, std::uint64_t bytes) {
  unread_ = unread_ - reader.unread + bytes;
  reader.unread = bytes;
  if (little_lies_about()) {
    goings_.reset();
  } else if (unread_ > bounds_.of_all / 8 && !goings_) {
    goings_ = post_.watch_goings([this](const std::string& gone) { left(gone); });
  }
}

}  // namespace factord::ipc
