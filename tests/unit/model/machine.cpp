// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/machine.hpp"

#include <cctype>
#include <exception>
#include <utility>

#include "core/failure.hpp"

namespace factord::tests::model {
namespace {

std::string in_short(const core::Error& error) {
  if (error.id() != core::failure::throttled.id) return error.id();
  std::string wait;
  for (const char c : error.text())
    if (std::isdigit(static_cast<unsigned char>(c))) wait += c;
  return error.id() + ", wait " + wait;
}

std::string in_short(const std::exception_ptr& error) try {
  if (error) std::rethrow_exception(error);
  return "";
} catch (const core::Error& failure) {
  return in_short(failure);
} catch (const std::exception& other) {
  return std::string("an exception: ") + other.what();
}

}  // namespace

Machine::Machine(const daemon::Policy& policy) {
  auto room = std::make_unique<Room>();
  room->policy = policy;
  start(std::move(room));
}

void Machine::start(std::unique_ptr<Room> room) {
  room_ = std::move(room);
  batch_.emplace(loop_.get(), *room_->place.store);
  batch_->announce_by([this](const auto& events) { events_.insert(events_.end(), events.begin(), events.end()); });
  const auto opened = [this] {
    room_->charges.opened();
    room_->code_failures.opened();
  };
  const auto ended = [this](bool kept) {
    room_->charges.ended(kept);
    room_->code_failures.ended(kept);
    kept_ = kept;
  };
  batch_->keep({.opened = opened, .ended = ended});
}

std::string Machine::attempt(ipc::Effect effect, const std::function<void()>& operation) {
  return in_short(batch_->attempt(effect, operation));
}

Machine::Fate Machine::close(std::optional<int> faulty_after) {
  kept_ = true;
  if (faulty_after) disk_.fail_after(*faulty_after, *faulty_after % 2 == 0 ? SQLITE_IOERR_FSYNC : SQLITE_FULL);
  batch_->close();
  disk_.heal();
  return kept_ ? Fate::kept : Fate::lost;
}

void Machine::restart(End end) {
  auto old = std::move(room_);
  // A kill leaves the files as they are in the middle of it; what goes on afterwards is no part of the copy.
  auto files = old->place.directory.files();
  batch_.reset();
  if (end == End::clean) {
    old->place.close();
    files = old->place.directory.files();
  }
  events_.clear();
  auto room = std::unique_ptr<Room>(new Room{.place = Place(files)});
  room->clock = old->clock;
  room->policy = old->policy;
  room->random.state = old->random.state;
  start(std::move(room));
}

}  // namespace factord::tests::model
