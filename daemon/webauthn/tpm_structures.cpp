// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/tpm_structures.hpp"

#include <algorithm>
#include <array>

namespace factord::webauthn {
namespace {

// TPM_ALG_ID, section 6.3.
namespace algorithm_id {
constexpr std::uint16_t rsa = 0x0001, sha1 = 0x0004, sha256 = 0x000b, sha384 = 0x000c, sha512 = 0x000d, null = 0x0010,
                        rsassa = 0x0014, rsapss = 0x0016, ecdsa = 0x0018, ecc = 0x0023;
}
constexpr std::uint32_t generated_value = 0xff544347;   // TPM_GENERATED, section 6.2
constexpr std::uint16_t attest_certify = 0x8017;        // TPM_ST, section 6.9
constexpr std::uint32_t default_exponent = 65'537;      // section 12.2.3.5
constexpr std::size_t clock_info_size = 8 + 4 + 4 + 1;  // TPMS_CLOCK_INFO, section 10.11.1
constexpr std::size_t firmware_version_size = 8;
constexpr std::size_t object_attributes_size = 4;  // TPMA_OBJECT, section 8.3

// After the first read beyond the end, or the first expectation that was not met, it stays failed and reads zeros.
class Reader {
 public:
  explicit Reader(core::ByteView bytes) : rest_(bytes) {}

  core::ByteView bytes(std::size_t size) {
    expect(size <= rest_.size());
    if (failed_) return {};
    const core::ByteView out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
  }

  template <typename Number>
  Number number() {
    Number out = 0;
    for (const std::uint8_t byte : bytes(sizeof(Number))) out = static_cast<Number>(out << 8 | byte);
    return out;
  }

  // A TPM2B structure: its size, then so many bytes.
  core::ByteView sized() { return bytes(number<std::uint16_t>()); }

  void expect(bool met) { failed_ = failed_ || !met; }
  bool finished() const { return !failed_ && rest_.empty(); }

 private:
  core::ByteView rest_;
  bool failed_ = false;
};

// TPMT_RSA_SCHEME and TPMT_ECC_SCHEME, sections 11.2.4.2 and 11.2.5.6: none, or one that signs, with its hash.
void read_signing_scheme(Reader& reader, std::initializer_list<std::uint16_t> schemes) {
  const auto scheme = reader.number<std::uint16_t>();
  if (scheme == algorithm_id::null) return;
  reader.expect(std::find(schemes.begin(), schemes.end(), scheme) != schemes.end());
  reader.number<std::uint16_t>();
}

TpmRsaKey read_rsa_key(Reader& reader) {
  read_signing_scheme(reader, {algorithm_id::rsassa, algorithm_id::rsapss});
  const auto bits = reader.number<std::uint16_t>();
  auto exponent = reader.number<std::uint32_t>();
  if (exponent == 0) exponent = default_exponent;
  const core::ByteView modulus = reader.sized();
  reader.expect(modulus.size() * 8 == bits);
  return {modulus, exponent};
}

// TPM_ECC_CURVE, section 6.4.
std::optional<Curve> curve_with(std::uint16_t id) {
  return id == 3   ? std::optional(Curve::p256)
         : id == 4 ? std::optional(Curve::p384)
         : id == 5 ? std::optional(Curve::p521)
                   : std::nullopt;
}

TpmEccKey read_ecc_key(Reader& reader) {
  read_signing_scheme(reader, {algorithm_id::ecdsa});
  const auto curve = curve_with(reader.number<std::uint16_t>());
  reader.expect(curve && reader.number<std::uint16_t>() == algorithm_id::null);  // no key derivation
  const core::ByteView x = reader.sized();
  const core::ByteView y = reader.sized();
  if (!curve) return {};
  reader.expect(std::max(x.size(), y.size()) <= coordinate_size(*curve));
  return {*curve, x, y};
}

}  // namespace

std::optional<Hash> tpm_hash(std::uint16_t algorithm) {
  switch (algorithm) {
    case algorithm_id::sha1:
      return Hash::sha1;
    case algorithm_id::sha256:
      return Hash::sha256;
    case algorithm_id::sha384:
      return Hash::sha384;
    case algorithm_id::sha512:
      return Hash::sha512;
    default:
      return std::nullopt;
  }
}

std::optional<TpmPublicArea> read_tpm_public_area(core::ByteView bytes) {
  Reader reader(bytes);
  const auto type = reader.number<std::uint16_t>();
  TpmPublicArea area{reader.number<std::uint16_t>(), {}};
  reader.bytes(object_attributes_size);
  reader.sized();                                                       // authPolicy
  reader.expect(reader.number<std::uint16_t>() == algorithm_id::null);  // symmetric: for keys that decrypt only
  if (type == algorithm_id::rsa)
    area.key = read_rsa_key(reader);
  else if (type == algorithm_id::ecc)
    area.key = read_ecc_key(reader);
  else
    return std::nullopt;
  return reader.finished() ? std::optional(area) : std::nullopt;
}

std::optional<TpmCertification> read_tpm_certification(core::ByteView bytes) {
  Reader reader(bytes);
  reader.expect(reader.number<std::uint32_t>() == generated_value);
  reader.expect(reader.number<std::uint16_t>() == attest_certify);
  reader.sized();  // qualifiedSigner
  TpmCertification out;
  out.extra_data = reader.sized();
  reader.bytes(clock_info_size + firmware_version_size);
  out.name = reader.sized();
  reader.sized();  // qualifiedName
  return reader.finished() ? std::optional(out) : std::nullopt;
}

bool is_name_of(core::ByteView name, const TpmPublicArea& object, core::ByteView encoded_object) {
  const auto hash = tpm_hash(object.name_algorithm);
  if (!hash) return false;
  const Digest digest(*hash, {encoded_object});
  const std::array<std::uint8_t, 2> algorithm{static_cast<std::uint8_t>(object.name_algorithm >> 8),
                                              static_cast<std::uint8_t>(object.name_algorithm & 0xff)};
  return name.size() == algorithm.size() + digest.view().size() &&
         std::equal(algorithm.begin(), algorithm.end(), name.begin()) &&
         std::ranges::equal(digest.view(), name.subspan(algorithm.size()));
}

}  // namespace factord::webauthn
