// SPDX-License-Identifier: Apache-2.0
// What a reader of the files sees without the key, and what removal leaves.
#include "core/base32.hpp"
#include "core/base64url.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

const std::string name = "Wilhelmina";
const auto owner = Mint::account(name, 4242424);
const std::string credential = "\x01\x02\x03\x04\xf1\xf2\xf3\xf4-credential-id";

std::string hex(core::ByteView bytes) {
  std::string text;
  for (const auto byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// The same bytes as they might have slipped in.
std::vector<std::string> encodings(core::ByteView bytes) {
  std::string reversed(bytes.rbegin(), bytes.rend());
  std::string wide;
  for (const auto byte : bytes) (wide += static_cast<char>(byte)) += '\0';
  std::string upper_base32(core::base32_size(bytes.size()), '\0');
  core::write_upper_base32(bytes, {reinterpret_cast<std::uint8_t*>(upper_base32.data()), upper_base32.size()});
  return {std::string(core::text_of(bytes)), reversed, wide, hex(bytes), core::to_base64url(bytes), upper_base32,
          core::to_lower_base32(bytes)};
}

void expect_nowhere(const std::map<std::string, std::string>& files, core::ByteView secret, const std::string& what) {
  for (const auto& [file, bytes] : files) {
    for (const auto& form : encodings(secret)) {
      INFO(what << " in " << file);
      CHECK(bytes.find(form) == std::string::npos);
    }
  }
}

void fill(Place& place) {
  auto key = passkey("fvvvvvvvvvvvvvvvvvvvvvvvv1", credential);
  key.name = "Grandmother's key";
  place.commit([&] {
    place.store->of(owner).add(key, {}, change(123456));
    place.store->of(owner).add(totp("fvvvvvvvvvvvvvvvvvvvvvvvv2"), seed(), change(123457));
    place.store->of(Mint::registered("Nightingale", "florence")).add_user("Florence N.", change(1));
  });
}

}  // namespace

TEST_CASE("nothing about a person can be read from file and log without the key") {
  Place place;
  fill(place);
  auto files = place.directory.files();
  REQUIRE(files.at("factord.db-wal").size() > 4096);
  place.close();
  files["closed"] = content(place.directory.file());
  for (const std::string& text :
       {name, std::string("Nightingale"), std::string("florence"), std::string("Florence N."),
        std::string("Grandmother"), std::string("Phone"), std::string("fvvvvvvvvvvvvvvvvvvvvvvvv1"),
        std::string("fvvvvvvvvvvvvvvvvvvvvvvvv2"), std::string("login.example"), std::string("host.example"),
        std::string("packed"), std::string("SHA256"), std::string("2fc0579f-8113"), std::string("required")}) {
    expect_nowhere(files, core::bytes_of(text), text);
  }
  expect_nowhere(files, seed(), "seed");
  expect_nowhere(files, core::bytes_of(credential), "credential id");
  expect_nowhere(files, place.key.view(), "master key");
  const std::uint32_t uid = 4242424;
  expect_nowhere(files, {reinterpret_cast<const std::uint8_t*>(&uid), sizeof uid}, "uid");
  const std::int64_t time = at(123456).time_since_epoch().count();
  expect_nowhere(files, {reinterpret_cast<const std::uint8_t*>(&time), 7}, "time");
}

TEST_CASE("rows of passkeys and TOTP secrets, and of accounts and registered users, look alike") {
  Place place;
  fill(place);
  place.close();
  storage::Database raw(place.directory.file().string(), storage::Database::Access::read_still);
  CHECK(raw.integer("SELECT count(DISTINCT length(sealed)) FROM factor") == 1);
  CHECK(raw.integer("SELECT count(DISTINCT length(seed)) FROM factor") == 1);
  CHECK(raw.integer("SELECT count(DISTINCT credential_hash) FROM factor") == 2);
  CHECK(raw.integer("SELECT count(DISTINCT length(sealed)) FROM owner") == 1);
  CHECK(raw.integer("SELECT count(DISTINCT uid_hash) FROM owner") == 2);
  CHECK(raw.integer("SELECT count(DISTINCT length(sealed)) FROM journal") == 1);
}

TEST_CASE("the same record sealed twice gives other bytes") {
  Place place;
  place.commit([&] {
    place.store->of(owner).add(totp("a"), seed(), change());
    place.store->of(owner).add(totp("a"), seed(), change());
  });
  place.close();
  storage::Database raw(place.directory.file().string(), storage::Database::Access::read_still);
  CHECK(raw.integer("SELECT count(DISTINCT sealed) FROM factor") == 2);
  CHECK(raw.integer("SELECT count(DISTINCT seed) FROM factor") == 2);
}

TEST_CASE("the sealed bytes of a removed factor are gone from file and log once the log is truncated") {
  Place place;
  place.commit([&] { place.store->of(owner).add(totp("a"), seed(), change()); });
  place.store->truncate_wal();
  std::string sealed;
  {
    storage::Database raw(place.directory.file().string(), storage::Database::Access::read_only);
    storage::Statement statement(raw, "SELECT seed FROM factor");
    auto run = statement.with();
    REQUIRE(run.next());
    sealed = core::text_of(run.blob(0));
  }
  REQUIRE(content(place.directory.file()).find(sealed) != std::string::npos);
  place.commit([&] { place.store->of(owner).remove("a", change()); });
  place.store->truncate_wal();
  CHECK(content(place.directory.path() / "factord.db-wal").empty());
  place.close();
  CHECK(content(place.directory.file()).find(sealed.substr(40, 60)) == std::string::npos);
}

TEST_CASE("truncating the log is put off while another reads or a transaction is open") {
  Place place;
  fill(place);
  {
    storage::Database reader(place.directory.file().string(), storage::Database::Access::read_only);
    storage::Statement statement(reader, "SELECT id FROM factor");
    auto run = statement.with();
    REQUIRE(run.next());
    place.store->truncate_wal();
    CHECK(place.store->of(owner).factors().size() == 2);
  }
  place.store->begin();
  place.store->truncate_wal();
  CHECK(place.store->in_transaction());
  place.store->rollback();
}
