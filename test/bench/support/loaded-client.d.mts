interface LoadedClient {
  readonly ended: Promise<number | string>;
  said(): string;
  cpuSeconds(): number;
  capturedBytes(): number;
  subscriberLost(): Promise<boolean> | null;
  interrupt(): void;
  kill(): Promise<void>;
}

export const loads: readonly ('idle' | 'spin' | 'disk' | 'subscriber')[];
export function startLoadedClient(load: string, port: number, folder: string): Promise<LoadedClient>;
