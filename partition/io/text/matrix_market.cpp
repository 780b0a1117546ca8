#include "partition/io/text/matrix_market.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "partition/error.hpp"

namespace gasket::text {
namespace {

enum class Symmetry { general, symmetric, skew };

struct Banner {
  std::string field;
  Symmetry symmetry = Symmetry::general;
};

std::string lower(std::string_view word) {
  std::string result(word);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

Banner read_banner(HeadReader& lines) {
  std::string_view line;
  const bool any = lines.next(line);
  if (!any || !line.starts_with(kMatrixMarketBanner))
    lines.fail(fmt::format("expected the banner of a Matrix Market file, '{} matrix coordinate ...', found {}",
                           kMatrixMarketBanner, shown(line)));
  line.remove_prefix(kMatrixMarketBanner.size());
  const std::string object = lower(next_word(line)), format = lower(next_word(line)), field = lower(next_word(line)),
                    symmetry = lower(next_word(line));
  if (object != "matrix") lines.fail(fmt::format("expected a matrix, found {}", shown(object)));
  if (format != "coordinate")
    lines.fail(format == "array" ? "is a dense array, which is no graph; expected the coordinate format"
                                 : fmt::format("expected the coordinate format, found {}", shown(format)));
  if (field == "complex") lines.fail("has complex values, which are no weights; expected pattern, integer or real");
  if (field != "pattern" && field != "integer" && field != "real" && field != "double")
    lines.fail(fmt::format("expected values that are pattern, integer or real, found {}", shown(field)));
  Banner banner{field, Symmetry::general};
  if (symmetry == "symmetric")
    banner.symmetry = Symmetry::symmetric;
  else if (symmetry == "skew-symmetric")
    banner.symmetry = Symmetry::skew;
  else if (symmetry != "general")
    lines.fail(fmt::format("expected general, symmetric or skew-symmetric, found {}", shown(symmetry)));
  return banner;
}

// The line of sizes behind the comments.
Head read_sizes(HeadReader& lines, const Banner& banner) {
  std::string_view line;
  do {
    if (!lines.next(line)) lines.fail("expected a line with rows, columns and entries, found the end of the file");
  } while (line.starts_with('%') || is_skipped(line));
  std::uint64_t numbers[3];
  const char* at = line.data();
  const char* const end = at + line.size();
  const auto blanks = [&] { at = std::find_if_not(at, end, is_blank); };
  for (std::uint64_t& number : numbers) {
    blanks();
    if (!read_id(at, end, number) || (at != end && !is_blank(*at)))
      lines.fail(fmt::format("expected rows, columns and entries, found {}", shown(line)));
  }
  blanks();
  if (at != end) lines.fail(fmt::format("expected rows, columns and entries, found {}", shown(line)));
  const auto [rows, columns, entries] = numbers;
  if (rows != columns)
    lines.fail(
        fmt::format("is a matrix of {} rows and {} columns; expected a square one, whose rows and columns are "
                    "the same vertices",
                    rows, columns));
  if (rows >= std::uint64_t{1} << 48) lines.fail(fmt::format("announces {} vertices, more than 2^48", rows));
  constexpr const char* kNames[] = {"general", "symmetric", "skew-symmetric"};
  return {.words = fmt::format("Matrix Market, {} {}: {} vertices, {} entries, ids from 1; {}", banner.field,
                               kNames[static_cast<int>(banner.symmetry)], rows, entries,
                               banner.symmetry == Symmetry::general     ? "directed"
                               : banner.symmetry == Symmetry::symmetric ? "undirected, each entry is one edge"
                                                                        : "directed, each entry is two arcs"),
          .directed = banner.symmetry != Symmetry::symmetric,
          .vertices = rows,
          .first_id = 1,
          .lines = entries,
          .line = lines.line_number()};
}

class MatrixMarketSource final : public LineSource {
 public:
  MatrixMarketSource(Reading reading, TextFile file, EdgeGrammar grammar, Head head, Symmetry symmetry)
      : LineSource(std::move(reading), std::move(file), grammar, std::move(head)), symmetry_(symmetry) {}

  std::optional<EdgeCount> edge_count() const override { return *head().lines * (symmetry_ == Symmetry::skew ? 2 : 1); }

 protected:
  void settle(const Block& block, EdgeChunk& chunk, const ChunkSink& sink) const override {
    check_range(block, chunk, "a row and a column");
    if (symmetry_ == Symmetry::general) return;
    check_triangle(block, chunk);
    if (symmetry_ != Symmetry::skew) return;
    EdgeChunk mirrored = reversed(chunk);
    for (double& weight : mirrored.weights) weight = -weight;
    sink(std::move(mirrored));
  }

 private:
  void check_triangle(const Block& block, const EdgeChunk& chunk) const {
    const bool diagonal = symmetry_ == Symmetry::symmetric;
    bool good = true;
    chunk.for_each([&](std::uint64_t row, std::uint64_t column, std::size_t) {
      good = good && (row > column || (diagonal && row == column));
    });
    if (good) return;
    refuse_first(block, [&](const EdgeLine& edge) -> std::string {
      if (edge.source > edge.target || (diagonal && edge.source == edge.target)) return {};
      return diagonal ? fmt::format(
                            "expected an entry of the lower triangle, for the matrix is symmetric, found ({}, "
                            "{}); if the file has both triangles, its banner should say general",
                            edge.source, edge.target)
                      : fmt::format(
                            "expected an entry below the diagonal, for the matrix is skew-symmetric, found "
                            "({}, {})",
                            edge.source, edge.target);
    });
  }

  Symmetry symmetry_;
};

}  // namespace

std::unique_ptr<EdgeSource> open_matrix_market(const std::string& path, Reading reading, bool read_weights) {
  Banner banner;
  Head head;
  TextFile file = open_text_file_with_head(path, "a Matrix Market file", [&](HeadReader& lines) {
    banner = read_banner(lines);
    head = read_sizes(lines, banner);
  });
  const bool has_weights = banner.field != "pattern";
  if (file.columns > 0 && file.columns != (has_weights ? 3 : 2))
    throw InputError(fmt::format("{}:{}: expected a row{} a column{}, for the values are {}, found {} columns", path,
                                 file.columns_line, has_weights ? "," : " and", has_weights ? " and a value" : "",
                                 banner.field, file.columns));
  const EdgeGrammar grammar{.third = has_weights && read_weights ? Third::weight
                                     : has_weights               ? Third::ignored
                                                                 : Third::absent};
  return std::make_unique<MatrixMarketSource>(std::move(reading), std::move(file), grammar, std::move(head),
                                              banner.symmetry);
}

}  // namespace gasket::text
