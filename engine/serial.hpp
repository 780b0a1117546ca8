#pragma once
// Values that are no plain bytes (a histogram, a set) to bytes and back, by cereal: whatever has a `serialize` member or
// is a container whose cereal header is included. Binary and not portable: the ranks of a run have one architecture.

#include <cereal/archives/binary.hpp>
#include <istream>
#include <ostream>
#include <span>
#include <streambuf>
#include <vector>

#include "partition/error.hpp"

namespace gasket {

template <class T>
inline constexpr bool is_serialisable = cereal::traits::is_output_serializable<T, cereal::BinaryOutputArchive>::value&&
    cereal::traits::is_input_serializable<T, cereal::BinaryInputArchive>::value;

/// One worker's buffer for values on their way out.
class SerialWriter {
 public:
  /// The bytes of a value, until the next call.
  template <class T>
  std::span<const std::byte> write(const T& value) {
    sink_.bytes.clear();
    std::ostream stream(&sink_);
    cereal::BinaryOutputArchive archive(stream);
    archive(value);
    return sink_.bytes;
  }

 private:
  struct Sink : std::streambuf {
    std::streamsize xsputn(const char* from, std::streamsize count) override {
      const auto* const at = reinterpret_cast<const std::byte*>(from);
      bytes.insert(bytes.end(), at, at + count);
      return count;
    }
    int_type overflow(int_type c) override {
      bytes.push_back(static_cast<std::byte>(c));
      return c;
    }
    std::vector<std::byte> bytes;
  };
  Sink sink_;
};

/// The value of such bytes. Throws Error when they are none.
template <class T>
T read_serial(std::span<const std::byte> bytes) {
  struct Source : std::streambuf {
    explicit Source(std::span<const std::byte> from) {
      char* const begin = const_cast<char*>(reinterpret_cast<const char*>(from.data()));  // setg does not write
      setg(begin, begin, begin + from.size());
    }
  } source(bytes);
  std::istream stream(&source);
  T value;
  try {
    cereal::BinaryInputArchive archive(stream);
    archive(value);
  } catch (const cereal::Exception&) {
    throw Error(ExitCode::failure, "a message between ranks is damaged: an accumulator does not end");
  }
  return value;
}

}  // namespace gasket
