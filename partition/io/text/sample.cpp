#include "partition/io/text/sample.hpp"

#include <algorithm>
#include <cstring>

namespace gasket::text {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 19;

struct Seen {
  std::uint64_t bytes = 0, lines = 0, ids = 0, id_bytes = 0;
  ExternalId highest = 0;
};

void look_at_line(std::string_view line, bool neighbours, Seen& seen) {
  if (is_blank_or_comment(line)) return;
  ++seen.lines;
  const char* at = line.data();
  const char* const end = at + line.size();
  for (std::uint64_t column = 0; at != end && (neighbours || column < 2); ++column) {
    while (at != end && is_separator(*at)) ++at;
    const char* const begin = at;
    at = std::find_if(at, end, is_separator);
    if (at == begin) break;
    ++seen.ids;
    seen.id_bytes += static_cast<std::uint64_t>(at - begin);
    std::uint64_t id = 0;
    if (const char* number = begin; read_id(number, at, id)) seen.highest = std::max(seen.highest, id);
  }
}

// Whole lines of a piece; of one that begins in the middle of the text, from the first line end on.
void look_at(std::string_view piece, bool from_start, bool neighbours, Seen& seen) {
  if (!from_start) piece.remove_prefix(std::min(piece.size(), piece.find('\n') + 1));
  for (std::size_t stop; (stop = piece.find('\n')) != std::string_view::npos; piece.remove_prefix(stop + 1)) {
    look_at_line(piece.substr(0, stop), neighbours, seen);
    seen.bytes += stop + 1;
  }
}

}  // namespace

SourceSize sample_size(const TextFile& text, bool neighbours) {
  Seen seen;
  std::string piece(kPiece, '\0');
  double total = static_cast<double>(text.file.size());
  if (text.compression == Compression::none) {
    total -= static_cast<double>(text.data_begin);
    const std::uint64_t length = text.file.size() - text.data_begin;
    for (const std::uint64_t part : {0, 1, 2}) {
      const std::uint64_t offset = length > 2 * kPiece ? (length - kPiece) / 2 * part : part * length;
      const std::size_t got = text.file.read_at(text.data_begin + offset, piece);
      look_at({piece.data(), got}, offset == 0, neighbours, seen);
    }
  } else {
    const std::unique_ptr<ByteStream> stream = open_stream(text.file, text.compression);
    std::uint64_t read = 0;
    for (std::size_t got; read < 4 * kPiece && (got = stream->read(piece)) > 0; read += got)
      look_at({piece.data(), got}, read == 0, neighbours, seen);
    const std::uint64_t taken = std::max<std::uint64_t>(stream->taken(), 1);
    if (taken < text.file.size())
      total *= static_cast<double>(read) / static_cast<double>(taken);
    else
      total = static_cast<double>(read);
  }
  SourceSize size;
  if (seen.lines == 0) return size;
  const double lines =
      total * static_cast<double>(seen.lines) / static_cast<double>(std::max<std::uint64_t>(seen.bytes, 1));
  const double per_line = static_cast<double>(seen.ids) / static_cast<double>(seen.lines);
  size.edges = neighbours ? lines * std::max(0.0, per_line - 1) : lines;
  size.highest_id = static_cast<double>(seen.highest);
  size.id_bytes = static_cast<double>(seen.id_bytes) / static_cast<double>(std::max<std::uint64_t>(seen.ids, 1));
  // Ids that are not much scattered are mostly used; of others, a mean degree is guessed.
  size.vertices = neighbours ? lines : size.edges / 8;
  if (seen.highest > 0 && size.highest_id < 2 * size.edges)
    size.vertices = std::max(size.vertices, size.highest_id + 1);
  return size;
}

}  // namespace gasket::text
