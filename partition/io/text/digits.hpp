#pragma once
// Decimal numbers without a loop per digit. One comparison of 64 characters finds where all columns of a line end; then
// eight digits at a time become a number in one 64-bit register (SWAR). Neither branches on the length of a number,
// which is what makes a digit-by-digit loop slow on ids of mixed length, and the step from line to line is a short
// chain.

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gasket::text {

static_assert(std::endian::native == std::endian::little, "the first character must be the lowest byte of a word");

/// Bit i is set when character i of the 64 has no 0x10 in its code. All digits have it; line ends, blanks, commas,
/// points and signs do not. What else has it is found by Digits::valid.
inline std::uint64_t find_column_ends(const char* text) {
#if defined(__AVX2__)
  const auto has = [text](int at) {
    const __m256i characters = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + at));
    return std::uint64_t{static_cast<unsigned>(_mm256_movemask_epi8(_mm256_slli_epi16(characters, 3)))} << at;
  };
  return ~(has(0) | has(32));
#elif defined(__SSE2__)
  const auto has = [text](int at) {
    const __m128i characters = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
    return std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(_mm_slli_epi16(characters, 3)))} << at;
  };
  return ~(has(0) | has(16) | has(32) | has(48));
#else
  std::uint64_t has = 0;
  for (int at = 0; at < 64; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text + at, sizeof word);
    // The product collects one bit of each byte in the top byte.
    has |= ((word >> 4 & 0x0101010101010101) * 0x0102040810204080 >> 56) << at;
  }
  return ~has;
#endif
}

/// One to eight characters as digits.
struct Digits {
  Digits(const char* text, unsigned count) {
    std::memcpy(&values, text, sizeof values);
    // The digits move to the end of the word, so that the missing ones count as leading zeros.
    values = (values ^ 0x3030303030303030) << (64 - 8 * count);
  }

  /// Whether all are digits: 0..9 after the xor. The sum reaches a byte's top bit from 10 on and never the next byte.
  bool valid() const {
    return ((((values & 0x7f7f7f7f7f7f7f7f) + 0x7676767676767676) | values) & 0x8080808080808080) == 0;
  }
  /// The number they write: neighbours are joined to numbers of two, four and eight digits.
  std::uint64_t number() const {
    const std::uint64_t pairs = values * 10 + (values >> 8);
    return ((pairs & 0x000000ff000000ff) * 0x000f424000000064 +
            ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >>
           32;
  }

  std::uint64_t values;
};

}  // namespace gasket::text
