#include "partition/io/text/line_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "partition/error.hpp"
#include "partition/io/text/block_reader.hpp"
#include "partition/io/text/sample.hpp"

namespace gasket::text {

void LineSource::read_edges(const ChunkSink& sink) {
  read_blocks(edges_, reading_.share, reading_.block_bytes, [&](const Block& block) {
    EdgeChunk chunk = parse(block);
    lines_read_ += chunk.size();
    if (chunk.size() == 0) return;
    if (reading_.refuse_negative) refuse_negative(block, chunk);
    settle(block, chunk, sink);
    if (chunk.size() > 0) sink(std::move(chunk));
  });
}

SourceSize LineSource::estimate_size() const {
  if (head_.lines && head_.vertices) return EdgeSource::estimate_size();
  return sample_size(edges_, false);
}

void LineSource::check_read(Communicator& comm) {
  const auto read = comm.sum<std::uint64_t>(lines_read_);
  if (head_.lines && read != *head_.lines)
    throw_agreed(InputError(fmt::format("{}:{}: announces {} edges, {} has {}",
                                        head_.path.empty() ? edges_.file.path() : head_.path, head_.line, *head_.lines,
                                        head_.path.empty() ? "the file" : edges_.file.path(), read)));
}

void LineSource::refuse_first(const Block& block, const std::function<std::string(const EdgeLine&)>& complaint) const {
  for (const char* at = block.begin; at != block.end;) {
    const auto* const stop = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(block.end - at)));
    const EdgeLine edge = read_edge_line({at, static_cast<std::size_t>(stop - at)}, grammar_);
    if (edge.kind == LineKind::good)
      if (std::string message = complaint(edge); !message.empty())
        throw BadLine{static_cast<std::size_t>(at - block.begin), std::move(message)};
    at = stop + 1;
  }
}

void LineSource::check_range(const Block& block, const EdgeChunk& chunk, const char* things) const {
  const std::uint64_t first = head_.first_id, count = *head_.vertices;
  const auto farthest = [first](const auto& ids) {
    std::uint64_t most = 0;  // below the first, the difference wraps round
    for (const auto id : ids) most = std::max<std::uint64_t>(most, std::uint64_t{id} - first);
    return most;
  };
  if (chunk.size() == 0 || std::max(farthest(chunk.narrow), farthest(chunk.wide)) < count) return;
  refuse_first(block, [&](const EdgeLine& edge) -> std::string {
    for (const std::uint64_t id : {edge.source, edge.target})
      if (id - first >= count)
        return fmt::format("expected {} from {} to {}, found {}", things, first, first + count - 1, id);
    return {};
  });
}

void LineSource::refuse_negative(const Block& block, const EdgeChunk& chunk) const {
  if (!chunk.weighted()) return;
  std::size_t negative = chunk.size();
  chunk.for_each([&](std::uint64_t source, std::uint64_t target, std::size_t i) {
    if (chunk.weights[i] < 0 && !(reading_.but_self_loops && source == target)) negative = std::min(negative, i);
  });
  if (negative == chunk.size()) return;
  std::size_t edge = 0;
  for (const char* at = block.begin; at != block.end;) {
    const auto* const stop = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(block.end - at)));
    if (is_edge({at, static_cast<std::size_t>(stop - at)}) && edge++ == negative)
      throw BadLine{static_cast<std::size_t>(at - block.begin), describe_negative_weight(chunk.weights[negative])};
    at = stop + 1;
  }
}

// Of a block that has been read without complaint, whether its ids are numbers or words.
bool LineSource::is_edge(std::string_view line) const {
  return grammar_.arcs ? read_edge_line(line, grammar_).kind != LineKind::skipped
                       : !is_blank_or_comment(without_carriage_return(line));
}

}  // namespace gasket::text
