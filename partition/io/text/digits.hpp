#pragma once
// Decimal digits eight at a time in one 64-bit register (SWAR): no loop per digit and no branch on how many there are,
// which is what makes a digit-by-digit loop slow on ids of mixed length.

#include <bit>
#include <cstdint>
#include <cstring>

namespace gasket::text {

static_assert(std::endian::native == std::endian::little, "the first character must be the lowest byte of a word");

inline constexpr std::uint64_t kPowersOf10[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};

inline std::uint64_t load_eight(const char* text) {
  std::uint64_t word;
  std::memcpy(&word, text, sizeof word);
  return word;
}

/// Eight characters, with the digits at their front counted.
struct EightCharacters {
  explicit EightCharacters(const char* text) : values(load_eight(text) ^ 0x3030303030303030) {
    // A byte is a digit when it is 0..9 after the xor; the sum reaches the top bit from 10 on and never the next byte.
    const std::uint64_t others = (((values & 0x7f7f7f7f7f7f7f7f) + 0x7676767676767676) | values) & 0x8080808080808080;
    digit_bits = static_cast<unsigned>(std::countr_zero(others)) & ~7u;  // 64 when all eight are digits
  }

  unsigned digits() const { return digit_bits >> 3; }
  /// The number the leading digits write. There must be at least one.
  std::uint64_t number() const {
    // The digits move to the end of the word, so that the missing ones count as leading zeros; then neighbours are
    // joined to numbers of two, four and eight digits.
    std::uint64_t word = values << (64 - digit_bits);
    word = word * 10 + (word >> 8);
    return ((word & 0x000000ff000000ff) * 0x000f424000000064 +
            ((word >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >>
           32;
  }

  std::uint64_t values;
  unsigned digit_bits;
};

}  // namespace gasket::text
