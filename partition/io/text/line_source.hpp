#pragma once
// Formats with an edge per line: what they share. The lines are read by the block parser; a format adds what its head
// says, and what must hold for an edge beyond the grammar of its line.

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "partition/io/edge_source.hpp"
#include "partition/io/text/block_parser.hpp"
#include "partition/io/text/text_file.hpp"

namespace gasket::text {

/// What a file says of the graph in it before the edges come.
struct Head {
  std::string words{};  // for EdgeSource::said
  std::optional<bool> directed{};
  std::optional<std::uint64_t> vertices{};  // called first_id .. first_id + vertices - 1
  ExternalId first_id = 0;
  std::optional<std::uint64_t> lines{};  // of edges that follow
  std::uint64_t line = 0;                // where this count stands, in the same file or in
  std::string path{};                    // this one
};

/// How a text source is read: see TextOptions.
struct Reading {
  std::string name;  // for messages
  Share share;
  std::size_t block_bytes;
  bool refuse_negative = false;
  bool but_self_loops = false;
};

class LineSource : public EdgeSource {
 public:
  LineSource(Reading reading, TextFile edges, EdgeGrammar grammar, Head head)
      : reading_(std::move(reading)), edges_(std::move(edges)), grammar_(grammar), head_(std::move(head)) {}

  std::string describe() const override { return reading_.name; }
  std::string said() const override { return head_.words; }
  bool weighted() const override { return grammar_.third == Third::weight; }
  std::optional<bool> directed() const override { return head_.directed; }
  std::optional<std::uint64_t> vertex_count() const override { return head_.vertices; }
  ExternalId first_id() const override { return head_.first_id; }
  std::optional<EdgeCount> edge_count() const override { return head_.lines; }
  SourceSize estimate_size() const override;
  void read_edges(const ChunkSink& sink) override;
  /// Throws where the head announces another number of lines.
  void check_read(Communicator& comm) override;

 protected:
  /// The edges of a block. Throws BadLine.
  virtual EdgeChunk parse(const Block& block) { return parse_edges(block, grammar_); }
  /// Looks at the edges of a block before they are delivered; may change them, and deliver more. Throws BadLine.
  virtual void settle(const Block&, EdgeChunk&, const ChunkSink&) const {}

  /// Throws BadLine for the first line of the block with an edge for which complaint(edge) is not empty.
  void refuse_first(const Block& block, const std::function<std::string(const EdgeLine&)>& complaint) const;
  /// Throws BadLine for the first edge with an end that is none of the head's vertices. `things`: what a message calls
  /// them.
  void check_range(const Block& block, const EdgeChunk& chunk, const char* things) const;

  const Reading& reading() const { return reading_; }
  const Head& head() const { return head_; }
  Third third() const { return grammar_.third; }

 private:
  /// Throws BadLine for the first edge with a negative weight that counts.
  void refuse_negative(const Block& block, const EdgeChunk& chunk) const;
  bool is_edge(std::string_view line) const;

  Reading reading_;
  TextFile edges_;
  EdgeGrammar grammar_;
  Head head_;
  std::atomic<std::uint64_t> lines_read_ = 0;
};

/// The weights of a third column, when they are wanted and the first edge has one.
inline Third third_of(const TextFile& edges, bool read_weights) {
  if (!read_weights) return Third::ignored;
  return edges.columns >= 3 ? Third::weight : Third::absent;
}

}  // namespace gasket::text
