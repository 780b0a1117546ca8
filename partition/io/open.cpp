#include "partition/io/open.hpp"

#include <algorithm>

#include "partition/atoms/index.hpp"
#include "partition/atoms/source.hpp"
#include "partition/io/generate.hpp"
#include "partition/io/gsk.hpp"
#include "partition/io/text_source.hpp"

namespace gasket {
namespace {

bool names_generator(const std::string& path) {
  const std::string_view kind = std::string_view(path).substr(0, path.find(':'));
  return kind.size() < path.size() && std::ranges::find(generator_kinds(), kind) != generator_kinds().end();
}

std::unique_ptr<EdgeSource> open_here(const SourceOptions& options, Share share) {
  if (options.format == "auto" && names_generator(options.path))
    return open_generator(parse_generator(options.path), share);
  if (options.format == "auto" && looks_like_atoms(options.path))
    return open_atoms(options.path, share, options.weights);
  if (options.format == "gsk" ||
      (options.format == "auto" && (options.path.ends_with(".gsk") || looks_like_gsk(options.path))))
    return open_gsk(options.path, share, options.weights);
  return open_text({.path = options.path, .format = parse_text_format(options.format), .read_weights = options.weights},
                   share);
}

}  // namespace

std::unique_ptr<EdgeSource> open_source(Communicator& comm, const SourceOptions& options) {
  std::unique_ptr<EdgeSource> source;
  comm.agree([&] { source = open_here(options, {comm.rank(), comm.size()}); });
  return source;
}

}  // namespace gasket
