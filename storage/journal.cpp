// SPDX-License-Identifier: Apache-2.0
#include "storage/journal.hpp"

#include <sodium.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/failure.hpp"
#include "storage/codec.hpp"
#include "storage/layout.hpp"

namespace factord::storage {
namespace {

constexpr std::size_t chain_size = 32;

Place place_of(std::int64_t number, std::int64_t owner_row) { return {Table::journal, number, owner_row, 1}; }

[[noreturn]] void broken(std::int64_t number) {
  throw core::Error(core::failure::record_damaged, "the journal's chain is broken at event " + std::to_string(number));
}

}  // namespace

Journal::Journal(Database& database, Sealer& sealer)
    : sealer_(sealer),
      last_(database, "SELECT number, chain FROM journal ORDER BY number DESC LIMIT 1"),
      at_(database, "SELECT chain FROM journal WHERE number = ?"),
      insert_(database, "INSERT INTO journal (number, owner, sealed, chain) VALUES (?, ?, ?, ?)"),
      after_(database, "SELECT number, owner, sealed, chain FROM journal WHERE number > ? ORDER BY number LIMIT ?") {}

core::Bytes Journal::chain(core::ByteView previous, std::int64_t number, core::ByteView sealed) const {
  const Layout head = Layout().bytes(previous).number(number);
  const core::ByteView key = sealer_.keyring().key(SubKey::chain);
  crypto_generichash_blake2b_state state;
  core::Bytes out(chain_size);
  crypto_generichash_blake2b_init(&state, key.data(), key.size(), out.size());
  crypto_generichash_blake2b_update(&state, head.view().data(), head.view().size());
  crypto_generichash_blake2b_update(&state, sealed.data(), sealed.size());
  crypto_generichash_blake2b_final(&state, out.data(), out.size());
  return out;
}

Journal::End Journal::end() {
  if (end_) return *std::exchange(end_, std::nullopt);
  auto run = last_.with();
  if (!run.next()) return {0, core::Bytes(chain_size, 0)};
  return {run.integer(0), {run.blob(1).begin(), run.blob(1).end()}};
}

std::uint64_t Journal::append(std::int64_t owner_row, const Event& event) {
  const End before = end();
  const std::int64_t number = before.number + 1;
  const core::Bytes sealed = sealer_.seal(place_of(number, owner_row), encode(event));
  const core::Bytes link = chain(before.chain, number, sealed);
  insert_.execute(number, owner_row, core::ByteView(sealed), core::ByteView(link));
  end_ = {number, link};
  last_at_ = event.at;
  return static_cast<std::uint64_t>(number);
}

core::Bytes Journal::chain_at(std::int64_t number) {
  core::Bytes link(chain_size, 0);
  if (number == 0) return link;
  auto run = at_.with(number);
  if (!run.next()) broken(number);
  link.assign(run.blob(0).begin(), run.blob(0).end());
  return link;
}

std::uint64_t Journal::last_number() {
  auto run = last_.with();
  return run.next() ? static_cast<std::uint64_t>(run.integer(0)) : 0;
}

core::Time Journal::last_at() {
  if (!last_at_) {
    const auto last = last_number();
    const auto found = events(last == 0 ? 0 : last - 1, 1);
    last_at_ = found.empty() ? core::Time{} : found.front().at;
  }
  return *last_at_;
}

std::vector<Event> Journal::events(std::uint64_t after, std::size_t limit) {
  std::vector<Event> events;
  each(after, limit, [&](std::int64_t, Event event) { events.push_back(std::move(event)); });
  return events;
}

void Journal::each(std::uint64_t after, std::size_t limit, const std::function<void(std::int64_t, Event)>& take) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::int64_t number = static_cast<std::int64_t>(std::min(after, most));
  core::Bytes link;
  auto run = after_.with(number, static_cast<std::int64_t>(std::min<std::uint64_t>(limit, most)));
  while (run.next()) {
    if (link.empty()) link = chain_at(number);
    if (run.integer(0) != ++number) broken(number);
    const core::ByteView sealed = run.blob(2);
    link = chain(link, number, sealed);
    if (!core::equal_in_constant_time(link, run.blob(3))) broken(number);
    Event event = decode_event(sealer_.open(place_of(number, run.integer(1)), sealed));
    event.number = static_cast<std::uint64_t>(number);
    take(run.integer(1), std::move(event));
  }
}

}  // namespace factord::storage
